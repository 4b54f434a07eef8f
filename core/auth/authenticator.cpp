// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.h"

#include "auth/openssl_pointers.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>

namespace keelson::auth {
namespace {

struct ChainRelease {
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};

CertificatePointer fromDer(std::string_view der)
{
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    CertificatePointer certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
    ERR_clear_error();
    return certificate;
}

std::string refusal(const X509& certificate, int code)
{
    const auto who = fmt::format("the client certificate of \"{}\"", commonName(X509_get_subject_name(&certificate)));
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return fmt::format("{} expired at {}", who, formatTime(wallTime(X509_get0_notAfter(&certificate))));
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return fmt::format("{} is valid only from {} on", who, formatTime(wallTime(X509_get0_notBefore(&certificate))));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return fmt::format("{} was not issued by this cluster's certificate authority", who);
    case X509_V_ERR_INVALID_PURPOSE:
        return fmt::format("{} is not meant for client authentication", who);
    default:
        return fmt::format("{} is refused: {}", who, X509_verify_cert_error_string(code));
    }
}

} // namespace

struct CertificateAuthenticator::Data {
    StorePointer store;
    const Clock* clock = nullptr;

    Result<User> authenticate(X509& certificate, STACK_OF(X509) * intermediates) const
    {
        const StoreContextPointer context(X509_STORE_CTX_new());
        if (!context || X509_STORE_CTX_init(context.get(), store.get(), &certificate, intermediates) != 1)
            return opensslFailure("check a client certificate");
        X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock->wall().time_since_epoch());
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), static_cast<time_t>(now.count()));
        const bool good = X509_verify_cert(context.get()) == 1;
        const int code = X509_STORE_CTX_get_error(context.get());
        ERR_clear_error();
        if (!good)
            return fail(Reason::Unauthorized, refusal(certificate, code));
        const auto* subject = X509_get_subject_name(&certificate);
        User user{commonName(subject), {}, organizations(subject), {}};
        if (user.name.empty())
            return fail(Reason::Unauthorized, "the client certificate names no user: its common name is empty");
        user.groups.emplace_back("system:authenticated");
        return user;
    }
};

CertificateAuthenticator::CertificateAuthenticator(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
CertificateAuthenticator::CertificateAuthenticator(CertificateAuthenticator&&) noexcept = default;
CertificateAuthenticator& CertificateAuthenticator::operator=(CertificateAuthenticator&&) noexcept = default;
CertificateAuthenticator::~CertificateAuthenticator() = default;

Result<CertificateAuthenticator> CertificateAuthenticator::create(std::string_view authorities, const Clock& clock)
{
    auto data = std::make_unique<Data>();
    data->clock = &clock;
    data->store.reset(X509_STORE_new());
    const BioPointer memory(BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size())));
    int count = 0;
    while (const CertificatePointer certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)}) {
        if (X509_STORE_add_cert(data->store.get(), certificate.get()) != 1)
            return opensslFailure("use a certificate authority");
        ++count;
    }
    ERR_clear_error();
    if (count == 0)
        return fail(Reason::Invalid, "the certificate authority for clients is no certificate in PEM form");
    return CertificateAuthenticator(std::move(data));
}

Result<User> CertificateAuthenticator::authenticate(std::string_view certificate,
                                                    const std::vector<std::string>& intermediates) const
{
    const auto parsed = fromDer(certificate);
    if (!parsed)
        return fail(Reason::Unauthorized, "the client certificate cannot be read");
    const std::unique_ptr<STACK_OF(X509), ChainRelease> chain(sk_X509_new_null());
    for (const auto& der : intermediates) {
        if (auto intermediate = fromDer(der))
            sk_X509_push(chain.get(), intermediate.release());
    }
    return m_data->authenticate(*parsed, chain.get());
}

Result<User> CertificateAuthenticator::authenticatePem(std::string_view certificate) const
{
    const auto parsed = certificateFromPem(certificate);
    if (!parsed)
        return fail(Reason::Unauthorized, "the client certificate cannot be read");
    return m_data->authenticate(*parsed, nullptr);
}

bool equalSecrets(std::string_view left, std::string_view right)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> leftDigest{};
    std::array<unsigned char, SHA256_DIGEST_LENGTH> rightDigest{};
    SHA256(reinterpret_cast<const unsigned char*>(left.data()), left.size(), leftDigest.data());
    SHA256(reinterpret_cast<const unsigned char*>(right.data()), right.size(), rightDigest.data());
    return !left.empty() && CRYPTO_memcmp(leftDigest.data(), rightDigest.data(), leftDigest.size()) == 0;
}

void TokenAuthenticator::add(std::string token, User user)
{
    m_tokens.emplace_back(std::move(token), std::move(user));
}

bool TokenAuthenticator::recognizes(std::string_view token) const
{
    bool found = false;
    for (const auto& [secret, user] : m_tokens)
        found = equalSecrets(secret, token) || found;
    return found;
}

Result<TokenIdentity> TokenAuthenticator::authenticate(std::string_view token,
                                                       std::span<const std::string> /*audiences*/) const
{
    std::optional<User> found;
    for (const auto& [secret, user] : m_tokens) {
        if (equalSecrets(secret, token))
            found = user;
    }
    if (!found)
        return fail(Reason::Unauthorized, "the bearer token is not known to this cluster");
    return TokenIdentity{*std::move(found), {}};
}

bool BearerAuthenticators::recognizes(std::string_view token) const
{
    return std::ranges::any_of(m_all, [&](const auto* one) { return one->recognizes(token); });
}

Result<TokenIdentity> BearerAuthenticators::authenticate(std::string_view token,
                                                         std::span<const std::string> audiences) const
{
    for (const auto* one : m_all) {
        if (one->recognizes(token))
            return one->authenticate(token, audiences);
    }
    return fail(Reason::Unauthorized, "the bearer token is not known to this cluster");
}

} // namespace keelson::auth
