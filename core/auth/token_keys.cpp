// SPDX-License-Identifier: Apache-2.0
#include "auth/token_keys.h"

#include "auth/openssl_pointers.h"
#include "base/private_file.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>

namespace keelson::auth {
namespace {

using NumberPointer = Owned<BIGNUM, BN_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParameterBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using SignaturePointer = Owned<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t keysMax = 64;
constexpr int rsaBits = 2048; ///< Of keys that we make, and the least that is accepted.
constexpr int rsaBitsMax = 8192;

/// Source: RFC 7518, section 3.1.
struct Algorithm {
    std::string_view name;
    const EVP_MD* (*digest)();
    std::string_view curve;    ///< Empty: RSA.
    std::string_view webCurve; ///< As JWK names it.
    std::size_t numberBytes;   ///< Of each of the two numbers of an elliptic signature.
};
constexpr std::array<Algorithm, 5> algorithms{{{"RS256", EVP_sha256, "", "", 0},
                                               {"RS384", EVP_sha384, "", "", 0},
                                               {"RS512", EVP_sha512, "", "", 0},
                                               {"ES256", EVP_sha256, "prime256v1", "P-256", 32},
                                               {"ES384", EVP_sha384, "secp384r1", "P-384", 48}}};

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

NumberPointer numberOf(std::string_view bytes)
{
    return NumberPointer(BN_bin2bn(bytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string bytesOf(const BIGNUM* number, std::size_t size)
{
    std::string bytes(size, '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size));
    return bytes;
}

/// A number of the key under OpenSSL's name; `size` zero: as short as it goes.
std::string numberText(const EVP_PKEY& key, const char* name, std::size_t size)
{
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(&key, name, &number) != 1)
        return {};
    const NumberPointer owner(number);
    return encodeBase64Url(bytesOf(number, size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size));
}

KeyPointer fromParameters(const char* type, OSSL_PARAM_BLD& builder)
{
    const Parameters parameters(OSSL_PARAM_BLD_to_param(&builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return KeyPointer(key);
}

KeyPointer rsaKey(const api::Value& jwk)
{
    const auto modulus = decodeBase64Url(api::stringAt(jwk, {"n"}));
    const auto exponent = decodeBase64Url(api::stringAt(jwk, {"e"}));
    constexpr std::size_t exponentBytesMax = 8;
    constexpr std::size_t bitsPerByte = 8;
    if (!modulus || !exponent || exponent->size() > exponentBytesMax || modulus->size() > rsaBitsMax / bitsPerByte)
        return nullptr;
    const auto n = numberOf(*modulus);
    const auto e = numberOf(*exponent);
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return fromParameters("RSA", *builder);
}

KeyPointer ellipticKey(const api::Value& jwk)
{
    const auto* const algorithm = std::ranges::find(algorithms, api::stringAt(jwk, {"crv"}), &Algorithm::webCurve);
    const auto x = decodeBase64Url(api::stringAt(jwk, {"x"}));
    const auto y = decodeBase64Url(api::stringAt(jwk, {"y"}));
    if (algorithm == algorithms.end() || algorithm->curve.empty() || !x || !y || x->size() != algorithm->numberBytes ||
        y->size() != algorithm->numberBytes)
        return nullptr;
    const auto point = "\x04" + *x + *y; // uncompressed; OpenSSL refuses what is not on the curve
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, algorithm->curve.data(), 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        return nullptr;
    return fromParameters("EC", *builder);
}

/// SHA-256 of the public key's DER form: what Kubernetes calls its keys by.
std::string keyIdOf(const EVP_PKEY& key)
{
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(&key, &der);
    if (size <= 0)
        return {};
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(digest.data()));
    OPENSSL_free(der);
    return encodeBase64Url(digest);
}

std::string curveOf(const EVP_PKEY& key)
{
    std::array<char, 64> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), &size) != 1)
        return {};
    return {name.data(), size};
}

bool isUsable(const EVP_PKEY& key)
{
    if (EVP_PKEY_get_base_id(&key) == EVP_PKEY_RSA)
        return EVP_PKEY_get_bits(&key) >= rsaBits && EVP_PKEY_get_bits(&key) <= rsaBitsMax;
    const auto curve = curveOf(key);
    return EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC &&
           std::ranges::any_of(algorithms, [&](const Algorithm& one) { return one.curve == curve; });
}

/// From the two numbers side by side to the sequence that OpenSSL reads.
std::optional<std::string> derSignature(std::string_view raw, std::size_t numberBytes)
{
    if (raw.size() != 2 * numberBytes)
        return std::nullopt;
    auto r = numberOf(raw.substr(0, numberBytes));
    auto s = numberOf(raw.substr(numberBytes));
    const SignaturePointer signature(ECDSA_SIG_new());
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        return std::nullopt;
    static_cast<void>(r.release()); // they are the signature's now
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    if (size <= 0)
        return std::nullopt;
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

std::optional<std::string> rawSignature(std::string_view der, std::size_t numberBytes)
{
    const auto* at = bytesOf(der);
    const SignaturePointer signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (!signature)
        return std::nullopt;
    return bytesOf(ECDSA_SIG_get0_r(signature.get()), numberBytes) +
           bytesOf(ECDSA_SIG_get0_s(signature.get()), numberBytes);
}

} // namespace

struct VerificationKeys::Key {
    std::string id;
    std::string algorithm; ///< The only one that it may be used with; empty: any that fits.
    KeyPointer key;
    std::string curve; ///< Empty: RSA.

    static std::shared_ptr<const Key> of(KeyPointer key, std::string id = {}, std::string algorithm = {})
    {
        if (!key || !isUsable(*key)) {
            ERR_clear_error();
            return nullptr;
        }
        auto curve = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC ? curveOf(*key) : std::string();
        if (id.empty())
            id = keyIdOf(*key);
        return std::make_shared<const Key>(Key{std::move(id), std::move(algorithm), std::move(key), std::move(curve)});
    }

    bool fits(const Algorithm& wanted) const
    {
        return wanted.curve == curve && (algorithm.empty() || algorithm == wanted.name);
    }

    const Algorithm& ownAlgorithm() const { return *std::ranges::find(algorithms, curve, &Algorithm::curve); }

    bool hasSigned(const WebToken& token, const Algorithm& with) const
    {
        auto signature = std::optional(token.signature);
        if (!with.curve.empty())
            signature = derSignature(token.signature, with.numberBytes);
        const DigestContext context(EVP_MD_CTX_new());
        const bool good = signature && context &&
                          EVP_DigestVerifyInit(context.get(), nullptr, with.digest(), nullptr, key.get()) == 1 &&
                          EVP_DigestVerify(context.get(), bytesOf(*signature), signature->size(),
                                           bytesOf(token.signedText), token.signedText.size()) == 1;
        ERR_clear_error();
        return good;
    }

    api::Object jwk() const
    {
        const auto& own = ownAlgorithm();
        api::Object object{{"use", "sig"}, {"kid", id}, {"alg", algorithm.empty() ? own.name : algorithm}};
        if (curve.empty()) {
            object["kty"] = "RSA";
            object["n"] = numberText(*key, OSSL_PKEY_PARAM_RSA_N, 0);
            object["e"] = numberText(*key, OSSL_PKEY_PARAM_RSA_E, 0);
        } else {
            object["kty"] = "EC";
            object["crv"] = own.webCurve;
            object["x"] = numberText(*key, OSSL_PKEY_PARAM_EC_PUB_X, own.numberBytes);
            object["y"] = numberText(*key, OSSL_PKEY_PARAM_EC_PUB_Y, own.numberBytes);
        }
        return object;
    }
};

Result<VerificationKeys> VerificationKeys::fromJwks(std::string_view text)
{
    TRY_ASSIGN(const auto document, api::parseJson(text));
    const auto* const list = api::find(document, {"keys"});
    if (!list || !list->is_array())
        return fail(Reason::Invalid, "this is no JWK set: it has no list of keys");
    VerificationKeys keys;
    for (const auto& jwk : list->get_array()) {
        const auto use = api::stringAt(jwk, {"use"});
        if (keys.m_keys.size() == keysMax || (!use.empty() && use != "sig"))
            continue;
        const auto type = api::stringAt(jwk, {"kty"});
        auto key = Key::of(type == "RSA"  ? rsaKey(jwk)
                           : type == "EC" ? ellipticKey(jwk)
                                          : nullptr,
                           std::string(api::stringAt(jwk, {"kid"})), std::string(api::stringAt(jwk, {"alg"})));
        if (key)
            keys.m_keys.push_back(std::move(key));
    }
    ERR_clear_error();
    return keys;
}

Result<VerificationKeys> VerificationKeys::fromPem(std::string_view text)
{
    const BioPointer memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    VerificationKeys keys;
    while (EVP_PKEY* const found = PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr)) {
        if (auto key = Key::of(KeyPointer(found)); key && keys.m_keys.size() < keysMax)
            keys.m_keys.push_back(std::move(key));
    }
    ERR_clear_error();
    if (keys.empty())
        return fail(Reason::Invalid, "there is no public key in PEM form (RSA from 2048 bits on, EC P-256 or P-384)");
    return keys;
}

bool VerificationKeys::empty() const
{
    return m_keys.empty();
}

bool VerificationKeys::holds(std::string_view keyId) const
{
    return std::ranges::any_of(m_keys, [&](const auto& key) { return key->id == keyId; });
}

std::string VerificationKeys::jwks() const
{
    api::Array list;
    for (const auto& key : m_keys)
        list.push_back(key->jwk());
    return api::writeJson(api::Object{{"keys", std::move(list)}});
}

Result<Done> VerificationKeys::verify(const WebToken& token) const
{
    const auto* const algorithm = std::ranges::find(algorithms, token.algorithm, &Algorithm::name);
    if (algorithm == algorithms.end())
        return fail(Reason::Unauthorized,
                    fmt::format("the bearer token is signed with \"{}\", which is not accepted", token.algorithm));
    const bool known = token.keyId.empty() || holds(token.keyId);
    const bool good = std::ranges::any_of(m_keys, [&](const auto& key) {
        return (token.keyId.empty() || key->id == token.keyId) && key->fits(*algorithm) &&
               key->hasSigned(token, *algorithm);
    });
    if (good)
        return Done{};
    return fail(Reason::Unauthorized, known ? std::string("the signature of the bearer token is wrong")
                                            : fmt::format("the bearer token is signed with the key \"{}\", which its "
                                                          "issuer does not have",
                                                          token.keyId));
}

SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::fromPem(std::string_view pem)
{
    auto key = VerificationKeys::Key::of(keyFromPem(pem));
    if (!key)
        return fail(Reason::Invalid, "there is no private key in PEM form (RSA from 2048 bits on, EC P-256 or P-384)");
    return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::openOrCreate(const std::filesystem::path& path)
{
    auto pem = readFile(path);
    if (!pem && pem.error().reason == Reason::NotFound) {
        const KeyPointer made(EVP_RSA_gen(rsaBits));
        if (!made)
            return opensslFailure("make a key for tokens");
        pem = pemOf(*made);
        TRY_OK(writePrivateFile(path, *pem));
    }
    TRY_OK(pem);
    auto key = fromPem(*pem);
    if (!key)
        return fail(Reason::Invalid, fmt::format("{}: {}", path.string(), key.error().message));
    return key;
}

std::string_view SigningKey::algorithm() const
{
    return m_key->ownAlgorithm().name;
}

Result<std::string> SigningKey::sign(const api::Object& claims) const
{
    const auto& own = m_key->ownAlgorithm();
    const api::Object header{{"alg", own.name}, {"kid", m_key->id}};
    auto token = encodeBase64Url(api::writeJson(header)) + "." + encodeBase64Url(api::writeJson(claims));
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, own.digest(), nullptr, m_key->key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytesOf(token), token.size()) != 1)
        return opensslFailure("sign a token");
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytesOf(token),
                       token.size()) != 1)
        return opensslFailure("sign a token");
    signature.resize(size);
    auto written = std::optional(signature);
    if (!own.curve.empty())
        written = rawSignature(signature, own.numberBytes);
    if (!written)
        return opensslFailure("sign a token");
    return token + "." + encodeBase64Url(*written);
}

VerificationKeys SigningKey::verificationKeys() const
{
    VerificationKeys keys;
    keys.m_keys.push_back(m_key);
    return keys;
}

} // namespace keelson::auth
