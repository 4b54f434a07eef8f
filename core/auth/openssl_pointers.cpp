// SPDX-License-Identifier: Apache-2.0
#include "auth/openssl_pointers.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <ctime>

namespace keelson::auth {
namespace {

std::string textOf(const X509_NAME* name, int index)
{
    unsigned char* bytes = nullptr;
    const auto* entry = X509_NAME_get_entry(name, index);
    const int length = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry));
    if (length < 0)
        return {};
    std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    OPENSSL_free(bytes);
    return text;
}

std::string drain(BIO& memory)
{
    char* data = nullptr;
    const auto length = BIO_get_mem_data(&memory, &data);
    return {data, static_cast<std::size_t>(length)};
}

BioPointer reading(std::string_view text)
{
    return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Keys with a pass phrase are refused instead of asking on the terminal.
int noPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/)
{
    return -1;
}

} // namespace

std::unexpected<Error> opensslFailure(std::string_view what)
{
    std::array<char, 256> words{};
    const auto code = ERR_get_error();
    if (code != 0)
        ERR_error_string_n(code, words.data(), words.size());
    ERR_clear_error();
    return fail(Reason::InternalError,
                fmt::format("cannot {}: {}", what, code == 0 ? "OpenSSL gives no cause" : words.data()));
}

CertificatePointer certificateFromPem(std::string_view pem)
{
    CertificatePointer certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, noPassword, nullptr));
    ERR_clear_error();
    return certificate;
}

RequestPointer requestFromPem(std::string_view pem)
{
    RequestPointer request(PEM_read_bio_X509_REQ(reading(pem).get(), nullptr, noPassword, nullptr));
    ERR_clear_error();
    return request;
}

KeyPointer keyFromPem(std::string_view pem)
{
    KeyPointer key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, noPassword, nullptr));
    ERR_clear_error();
    return key;
}

std::string pemOf(X509& certificate)
{
    const BioPointer memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(memory.get(), &certificate);
    return drain(*memory);
}

std::string pemOf(EVP_PKEY& key)
{
    const BioPointer memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(memory.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
    return drain(*memory);
}

std::string textOf(const ASN1_STRING& text)
{
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
            static_cast<std::size_t>(ASN1_STRING_length(&text))};
}

std::string addressText(const ASN1_OCTET_STRING& bytes)
{
    constexpr int shortLength = 4;
    constexpr int longLength = 16;
    const int length = ASN1_STRING_length(&bytes);
    if (length != shortLength && length != longLength)
        return {};
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(length == shortLength ? AF_INET : AF_INET6, ASN1_STRING_get0_data(&bytes), text.data(), text.size());
    return text.data();
}

NamesPointer alternativeNames(const X509_REQ& request)
{
    struct Release {
        void operator()(STACK_OF(X509_EXTENSION) * extensions) const
        {
            sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
        }
    };
    const std::unique_ptr<STACK_OF(X509_EXTENSION), Release> extensions(
        X509_REQ_get_extensions(const_cast<X509_REQ*>(&request))); // NOLINT(cppcoreguidelines-pro-type-const-cast)
    return NamesPointer(
        static_cast<GENERAL_NAMES*>(X509V3_get_d2i(extensions.get(), NID_subject_alt_name, nullptr, nullptr)));
}

std::string commonName(const X509_NAME* name)
{
    const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    return index < 0 ? std::string() : textOf(name, index);
}

std::vector<std::string> organizations(const X509_NAME* name)
{
    std::vector<std::string> result;
    for (int index = -1; (index = X509_NAME_get_index_by_NID(name, NID_organizationName, index)) >= 0;)
        result.push_back(textOf(name, index));
    return result;
}

WallTime wallTime(const ASN1_TIME* time)
{
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return WallTime{std::chrono::seconds{timegm(&parts)}};
}

} // namespace keelson::auth
