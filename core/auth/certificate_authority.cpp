// SPDX-License-Identifier: Apache-2.0
#include "auth/certificate_authority.h"

#include "auth/certificate_requests.h"
#include "auth/openssl_pointers.h"
#include "base/private_file.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace keelson::auth {
namespace {

struct Subject {
    std::string commonName;
    std::vector<std::string> organizations;
};

/// What is put into a certificate besides its key.
struct Contents {
    Subject subject;
    Duration lifetime;
    std::vector<std::pair<int, std::string>> extensions; ///< NID and OpenSSL's text for it.
    const X509_REQ* request = nullptr;                   ///< Has subject and names; then `subject` does not count.
};

KeyPointer makeKey()
{
    return KeyPointer(EVP_EC_gen("P-256"));
}

bool addName(X509_NAME* name, const char* field, const std::string& text)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
}

bool fillSubject(X509_NAME* name, const Subject& subject)
{
    return std::ranges::all_of(subject.organizations, [&](const auto& group) { return addName(name, "O", group); }) &&
           addName(name, "CN", subject.commonName);
}

bool setSerial(X509& certificate)
{
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1)
        return false;
    bytes[0] &= 0x7F; // A positive number.
    bytes[0] |= 0x01;
    const Owned<BIGNUM, BN_free> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool setTimes(X509& certificate, WallTime now, Duration lifetime)
{
    const auto seconds = [](WallTime time) {
        return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    };
    return ASN1_TIME_set(X509_getm_notBefore(&certificate), seconds(now - clockSkewAllowance)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(&certificate), seconds(now + lifetime)) != nullptr;
}

bool addExtension(X509& certificate, X509& issuer, int nid, const std::string& text)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str()));
    return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool copySubject(X509& certificate, const X509_REQ& request)
{
    if (X509_set_subject_name(&certificate, X509_REQ_get_subject_name(&request)) != 1)
        return false;
    const auto names = alternativeNames(request);
    for (int i = names ? sk_GENERAL_NAME_num(names.get()) - 1 : -1; i >= 0; --i) {
        const int type = sk_GENERAL_NAME_value(names.get(), i)->type;
        if (type != GEN_DNS && type != GEN_IPADD && type != GEN_EMAIL && type != GEN_URI) // nobody has judged it
            GENERAL_NAME_free(sk_GENERAL_NAME_delete(names.get(), i));
    }
    const bool noSubject = X509_NAME_entry_count(X509_get_subject_name(&certificate)) == 0;
    return !names || sk_GENERAL_NAME_num(names.get()) == 0 ||
           X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), noSubject ? 1 : 0, 0) == 1;
}

/// `issuer` null: signs itself.
Result<CertificatePointer> makeCertificate(EVP_PKEY& subjectKey, const Contents& contents, WallTime now, X509* issuer,
                                           EVP_PKEY& issuerKey)
{
    CertificatePointer certificate(X509_new());
    X509& made = *certificate;
    X509* const signer = issuer ? issuer : certificate.get();
    const bool filled =
        X509_set_version(&made, X509_VERSION_3) == 1 && setSerial(made) && setTimes(made, now, contents.lifetime) &&
        (contents.request ? copySubject(made, *contents.request)
                          : fillSubject(X509_get_subject_name(&made), contents.subject)) &&
        X509_set_issuer_name(&made, X509_get_subject_name(signer)) == 1 && X509_set_pubkey(&made, &subjectKey) == 1 &&
        std::ranges::all_of(contents.extensions, [&](const auto& extension) {
            return addExtension(made, *signer, extension.first, extension.second);
        });
    if (!filled || X509_sign(&made, &issuerKey, EVP_sha256()) == 0)
        return opensslFailure(fmt::format("make a certificate for \"{}\"", contents.subject.commonName));
    return certificate;
}

bool isAddress(const std::string& text)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

/// Names go into OpenSSL's own little language: what would mean something there is refused.
Result<std::string> alternativeNames(const std::vector<std::string>& names)
{
    if (names.empty())
        return fail(Reason::Invalid, "a server certificate needs at least one name");
    std::string text;
    for (const auto& name : names) {
        const bool plain = !name.empty() && std::ranges::all_of(name, [](char letter) {
            return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                   (letter >= '0' && letter <= '9') || letter == '.' || letter == '-' || letter == ':' ||
                   letter == '*' || letter == '_';
        });
        if (!plain || (name.contains(':') && !isAddress(name)))
            return fail(Reason::Invalid, fmt::format("\"{}\" is neither a DNS name nor an address", name));
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", isAddress(name) ? "IP" : "DNS", name);
    }
    return text;
}

std::vector<std::pair<int, std::string>> leafExtensions(const char* usage)
{
    return {{NID_basic_constraints, "critical,CA:FALSE"},
            {NID_key_usage, "critical,digitalSignature"},
            {NID_ext_key_usage, usage},
            {NID_authority_key_identifier, "keyid"}};
}

CertificateFacts factsOf(const X509& certificate)
{
    CertificateFacts facts;
    facts.commonName = commonName(X509_get_subject_name(&certificate));
    facts.organizations = organizations(X509_get_subject_name(&certificate));
    facts.notBefore = wallTime(X509_get0_notBefore(&certificate));
    facts.notAfter = wallTime(X509_get0_notAfter(&certificate));
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            facts.dnsNames.push_back(textOf(*name->d.dNSName));
        } else if (name->type == GEN_IPADD) {
            facts.addresses.push_back(addressText(*name->d.iPAddress));
        }
    }
    GENERAL_NAMES_free(names);
    return facts;
}

std::string normalizedAddress(const std::string& text)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> normal{};
    const int family = text.contains(':') ? AF_INET6 : AF_INET;
    if (inet_pton(family, text.c_str(), bytes.data()) != 1)
        return text;
    inet_ntop(family, bytes.data(), normal.data(), normal.size());
    return normal.data();
}

bool holdsNames(const CertificateFacts& facts, const std::vector<std::string>& names)
{
    return std::ranges::all_of(names, [&](const std::string& name) {
        const auto& held = isAddress(name) ? facts.addresses : facts.dnsNames;
        return std::ranges::find(held, isAddress(name) ? normalizedAddress(name) : name) != held.end();
    });
}

bool acceptableKey(EVP_PKEY& key)
{
    constexpr int rsaBitsMin = 2048;
    constexpr int rsaBitsMax = 8192;
    constexpr int ellipticBitsMin = 256;
    const int bits = EVP_PKEY_get_bits(&key);
    if (EVP_PKEY_get_base_id(&key) == EVP_PKEY_RSA)
        return bits >= rsaBitsMin && bits <= rsaBitsMax;
    return EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC && bits >= ellipticBitsMin;
}

} // namespace

struct CertificateAuthority::Data {
    std::filesystem::path folder;
    const Clock* clock = nullptr;
    std::string pem;
    CertificatePointer certificate;
    KeyPointer key;

    Result<KeyPair> issue(const Contents& contents) const
    {
        const auto subjectKey = makeKey();
        if (!subjectKey)
            return opensslFailure("make a key");
        TRY_ASSIGN(const auto made, makeCertificate(*subjectKey, contents, clock->wall(), certificate.get(), *key));
        return KeyPair{pemOf(*made), pemOf(*subjectKey)};
    }

    Result<Done> create()
    {
        key = makeKey();
        if (!key)
            return opensslFailure("make a key");
        const Contents contents{{"keelson-ca", {}},
                                authorityLifetime,
                                {{NID_basic_constraints, "critical,CA:TRUE"},
                                 {NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign"},
                                 {NID_subject_key_identifier, "hash"}}};
        TRY_ASSIGN(certificate, makeCertificate(*key, contents, clock->wall(), nullptr, *key));
        pem = pemOf(*certificate);
        TRY_OK(writePrivateFile(folder / "ca.key", pemOf(*key)));
        return writePrivateFile(folder / "ca.crt", pem);
    }

    Result<Done> read(std::string certificatePem, const std::string& keyPem)
    {
        pem = std::move(certificatePem);
        certificate = certificateFromPem(pem);
        key = keyFromPem(keyPem);
        if (!certificate)
            return fail(Reason::Invalid, fmt::format("{} holds no certificate", (folder / "ca.crt").string()));
        if (!key)
            return fail(Reason::Invalid, fmt::format("{} holds no private key", (folder / "ca.key").string()));
        if (X509_check_private_key(certificate.get(), key.get()) != 1) {
            ERR_clear_error();
            return fail(Reason::Invalid, fmt::format("{} does not belong to ca.crt", (folder / "ca.key").string()));
        }
        if (wallTime(X509_get0_notAfter(certificate.get())) <= clock->wall()) {
            return fail(Reason::Expired,
                        fmt::format("the certificate authority {} expired at {}", (folder / "ca.crt").string(),
                                    formatTime(wallTime(X509_get0_notAfter(certificate.get())))));
        }
        return Done{};
    }
};

Result<CertificateFacts> certificateFacts(std::string_view pem)
{
    const auto certificate = certificateFromPem(pem);
    if (!certificate)
        return fail(Reason::Invalid, "this is no certificate in PEM form");
    return factsOf(*certificate);
}

Result<KeyPair> makeCertificateRequest(const std::string& name)
{
    const auto key = makeKey();
    const RequestPointer request(X509_REQ_new());
    if (!key || !request || !addName(X509_REQ_get_subject_name(request.get()), "CN", name) ||
        X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0)
        return opensslFailure("make a certificate request");
    const BioPointer memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_REQ(memory.get(), request.get());
    char* data = nullptr;
    const auto length = BIO_get_mem_data(memory.get(), &data);
    return KeyPair{std::string(data, static_cast<std::size_t>(length)), pemOf(*key)};
}

CertificateAuthority::CertificateAuthority(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateAuthority> CertificateAuthority::openOrCreate(std::filesystem::path folder, const Clock& clock)
{
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (!failure)
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    if (failure)
        return fail(Reason::InternalError, fmt::format("cannot make {}: {}", folder.string(), failure.message()));
    auto data = std::make_unique<Data>();
    data->folder = std::move(folder);
    data->clock = &clock;
    auto certificate = readFile(data->folder / "ca.crt");
    const auto key = readFile(data->folder / "ca.key");
    const auto missing = [](const auto& file) { return !file && file.error().reason == Reason::NotFound; };
    // A key without its certificate is what a crash between the two writes leaves: nothing was issued yet.
    if (missing(certificate) && (missing(key) || key)) {
        TRY_OK(data->create());
    } else if (missing(key)) {
        return fail(Reason::Invalid, fmt::format("{} is missing beside ca.crt: put it back, or remove ca.crt for a new "
                                                 "certificate authority (all certificates must be issued anew then)",
                                                 (data->folder / "ca.key").string()));
    } else {
        TRY_OK(certificate);
        TRY_OK(key);
        TRY_OK(data->read(std::move(*certificate), *key));
    }
    return CertificateAuthority(std::move(data));
}

const std::string& CertificateAuthority::certificate() const
{
    return m_data->pem;
}

Result<KeyPair> CertificateAuthority::issueServer(const std::vector<std::string>& names, Duration lifetime) const
{
    TRY_ASSIGN(const auto alternatives, alternativeNames(names));
    Contents contents{{names.front(), {}}, lifetime, leafExtensions("serverAuth")};
    contents.extensions.emplace_back(NID_subject_alt_name, alternatives);
    return m_data->issue(contents);
}

Result<KeyPair> CertificateAuthority::issueClient(const std::string& user, const std::vector<std::string>& groups,
                                                  Duration lifetime) const
{
    if (user.empty())
        return fail(Reason::Invalid, "a client certificate needs a user's name");
    return m_data->issue({{user, groups}, lifetime, leafExtensions("clientAuth")});
}

Result<std::string> CertificateAuthority::signNode(std::string_view request, const std::string& node,
                                                   Duration lifetime) const
{
    const auto parsed = requestFromPem(request);
    if (!parsed)
        return fail(Reason::Invalid, fmt::format("node \"{}\" sent no certificate request in PEM form", node));
    EVP_PKEY* const key = X509_REQ_get0_pubkey(parsed.get());
    const bool signedByItsKey = key && X509_REQ_verify(parsed.get(), key) == 1;
    ERR_clear_error();
    if (!signedByItsKey)
        return fail(Reason::Invalid,
                    fmt::format("the certificate request of node \"{}\" is not signed by its own key", node));
    if (!acceptableKey(*key)) {
        return fail(Reason::Invalid,
                    fmt::format("the key of node \"{}\" is too weak: EC P-256 or RSA with 2048 to 8192 bits "
                                "is needed",
                                node));
    }
    const Contents contents{{"system:node:" + node, {"system:nodes"}}, lifetime, leafExtensions("clientAuth")};
    TRY_ASSIGN(const auto made,
               makeCertificate(*key, contents, m_data->clock->wall(), m_data->certificate.get(), *m_data->key));
    return pemOf(*made);
}

Result<std::string> CertificateAuthority::signRequest(std::string_view request, const std::vector<std::string>& usages,
                                                      Duration lifetime) const
{
    TRY_OK(certificateRequestFacts(request)); // it is signed by its own key
    const auto parsed = requestFromPem(request);
    EVP_PKEY* const key = X509_REQ_get0_pubkey(parsed.get());
    if (!acceptableKey(*key))
        return fail(Reason::Invalid, "the key of the request is too weak: EC P-256 or RSA with 2048 to 8192 bits is "
                                     "needed");
    const auto texts = usageTexts(usages);
    Contents contents{
        {},
        std::min<Duration>(lifetime, wallTime(X509_get0_notAfter(m_data->certificate.get())) - m_data->clock->wall()),
        {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_authority_key_identifier, "keyid"}},
        parsed.get()};
    if (!texts.keyUsage.empty())
        contents.extensions.emplace_back(NID_key_usage, texts.keyUsage);
    if (!texts.extendedKeyUsage.empty())
        contents.extensions.emplace_back(NID_ext_key_usage, texts.extendedKeyUsage);
    TRY_ASSIGN(const auto made,
               makeCertificate(*key, contents, m_data->clock->wall(), m_data->certificate.get(), *m_data->key));
    return pemOf(*made);
}

Result<KeyPair> CertificateAuthority::serverCertificate(const std::vector<std::string>& names) const
{
    const auto certificatePath = m_data->folder / "server.crt";
    const auto keyPath = m_data->folder / "server.key";
    auto pem = readFile(certificatePath);
    auto keyPem = readFile(keyPath);
    if (pem && keyPem) {
        const auto certificate = certificateFromPem(*pem);
        const auto key = keyFromPem(*keyPem);
        const bool good = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1 &&
                          X509_verify(certificate.get(), X509_get0_pubkey(m_data->certificate.get())) == 1 &&
                          wallTime(X509_get0_notAfter(certificate.get())) > m_data->clock->wall() + renewBefore &&
                          holdsNames(factsOf(*certificate), names);
        ERR_clear_error();
        if (good)
            return KeyPair{std::move(*pem), std::move(*keyPem)};
    }
    TRY_ASSIGN(auto made, issueServer(names));
    TRY_OK(writePrivateFile(keyPath, made.key));
    TRY_OK(writePrivateFile(certificatePath, made.certificate));
    return made;
}

} // namespace keelson::auth
