// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/certificate_authority.h"
#include "auth/openssl_pointers.h"

#include <string>
#include <vector>

namespace keelson::auth {

/// A PKCS#10 request of a new key. `names`: subject alternative names in OpenSSL's form ("DNS:a,IP:10.0.0.1"), or none.
inline KeyPair makeRequest(const std::string& commonName, const std::vector<std::string>& groups,
                           const std::string& names = {}, const char* curve = "P-256")
{
    const KeyPointer key(EVP_EC_gen(curve));
    const RequestPointer request(X509_REQ_new());
    auto* const subject = X509_REQ_get_subject_name(request.get());
    const auto add = [&](const char* field, const std::string& text) {
        X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()), -1, 0);
    };
    for (const auto& group : groups)
        add("O", group);
    if (!commonName.empty())
        add("CN", commonName);
    if (!names.empty()) {
        STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
        sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()));
        X509_REQ_add_extensions(request.get(), extensions);
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    }
    X509_REQ_set_pubkey(request.get(), key.get());
    X509_REQ_sign(request.get(), key.get(), EVP_sha256());
    const BioPointer memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_REQ(memory.get(), request.get());
    char* data = nullptr;
    const auto length = BIO_get_mem_data(memory.get(), &data);
    return {std::string(data, static_cast<std::size_t>(length)), pemOf(*key)};
}

} // namespace keelson::auth
