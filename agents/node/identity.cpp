// SPDX-License-Identifier: Apache-2.0
#include "node/identity.h"

#include "api/base64.h"
#include "base/owned.h"
#include "base/private_file.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace keelson::node {
namespace {

constexpr std::chrono::hours renewBefore{24 * 30};

using BioPtr = Owned<BIO, BIO_free>;
using KeyPtr = Owned<EVP_PKEY, EVP_PKEY_free>;
using RequestPtr = Owned<X509_REQ, X509_REQ_free>;
using CertificatePtr = Owned<X509, X509_free>;

std::string textOf(const BioPtr& bio)
{
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

CertificatePtr parseCertificate(const std::string& pem)
{
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return CertificatePtr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

std::string commonName(X509* certificate)
{
    std::array<char, 512> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
    return name.data();
}

std::unexpected<Error> opensslFailed(std::string_view what)
{
    return fail(Reason::InternalError, fmt::format("OpenSSL cannot {}", what));
}

std::filesystem::path keyFile(const std::filesystem::path& folder)
{
    return folder / "identity.key";
}
std::filesystem::path certificateFile(const std::filesystem::path& folder)
{
    return folder / "identity.crt";
}
std::filesystem::path authorityFile(const std::filesystem::path& folder)
{
    return folder / "authority.crt";
}

} // namespace

Result<JoinToken> JoinToken::parse(std::string_view text)
{
    const auto invalid = [] {
        return fail(Reason::Invalid, "it is no join token: one line AUTHORITY.SECRET, as the control plane writes to "
                                     "agent.token");
    };
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    const auto dot = text.find('.'); // a bootstrap token has another
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size())
        return invalid();
    std::string base64(text.substr(0, dot));
    std::ranges::replace(base64, '-', '+');
    std::ranges::replace(base64, '_', '/');
    base64.append((4 - base64.size() % 4) % 4, '=');
    const auto der = api::decodeBase64(base64);
    if (!der)
        return invalid();
    const auto* bytes = reinterpret_cast<const unsigned char*>(der->data());
    const CertificatePtr certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der->size())));
    if (!certificate)
        return invalid();
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    return JoinToken{.authority = textOf(bio), .secret = std::string(text.substr(dot + 1))};
}

Result<CertificateRequest> makeCertificateRequest(const std::string& node)
{
    const KeyPtr key(EVP_EC_gen("P-256"));
    const RequestPtr request(X509_REQ_new());
    if (!key || !request)
        return opensslFailed("make a key");
    const auto name = "system:node:" + node;
    auto* subject = X509_REQ_get_subject_name(request.get());
    const auto add = [&](const char* field, const std::string& value) {
        return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                          reinterpret_cast<const unsigned char*>(value.data()),
                                          static_cast<int>(value.size()), -1, 0) == 1;
    };
    if (!add("O", "system:nodes") || !add("CN", name) || X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0)
        return opensslFailed("make a certificate request");
    const BioPtr requestText(BIO_new(BIO_s_mem()));
    const BioPtr keyText(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_REQ(requestText.get(), request.get());
    PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return CertificateRequest{.key = textOf(keyText), .request = textOf(requestText)};
}

Result<Identity> loadIdentity(const std::filesystem::path& folder, const std::string& node,
                              const std::string& authority, WallTime now)
{
    const auto none = [&](std::string_view why) {
        return fail(Reason::NotFound, fmt::format("{} holds no identity for node {}: {}", folder.string(), node, why));
    };
    auto key = readFile(keyFile(folder));
    auto certificateText = readFile(certificateFile(folder));
    auto authorityText = readFile(authorityFile(folder));
    if (!key || !certificateText || !authorityText)
        return none("it has not joined yet");
    const auto certificate = parseCertificate(*certificateText);
    if (!certificate)
        return none("the certificate cannot be read");
    if (commonName(certificate.get()) != "system:node:" + node)
        return none("the certificate is another node's");
    if (!authority.empty() && authority != *authorityText)
        return none("the certificate is of another authority");
    auto moment = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(now + renewBefore));
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &moment) < 0)
        return none("the certificate ends soon");
    return Identity{.authority = *authorityText, .certificate = *certificateText, .key = *key};
}

Result<Done> saveIdentity(const std::filesystem::path& folder, const Identity& identity)
{
    TRY_OK(writePrivateFile(keyFile(folder), identity.key));
    TRY_OK(writePrivateFile(authorityFile(folder), identity.authority));
    return writePrivateFile(certificateFile(folder), identity.certificate);
}

std::string authorityFingerprint(const std::string& authorityPem)
{
    const auto certificate = parseCertificate(authorityPem);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1)
        return {};
    return fmt::format("{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3]);
}

} // namespace keelson::node
