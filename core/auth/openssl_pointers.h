// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/owned.h"
#include "base/result.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>
#include <vector>

/// OpenSSL's objects with owners, and its errors as ours. Used inside core/auth only.
namespace keelson::auth {

using BioPointer = Owned<BIO, BIO_free_all>;
using KeyPointer = Owned<EVP_PKEY, EVP_PKEY_free>;
using CertificatePointer = Owned<X509, X509_free>;
using RequestPointer = Owned<X509_REQ, X509_REQ_free>;
using NamesPointer = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using StorePointer = Owned<X509_STORE, X509_STORE_free>;
using StoreContextPointer = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

/// `InternalError`: what was tried, and OpenSSL's own words. Empties its queue of errors.
std::unexpected<Error> opensslFailure(std::string_view what);

/// Null when the text holds none.
CertificatePointer certificateFromPem(std::string_view pem);
RequestPointer requestFromPem(std::string_view pem);
KeyPointer keyFromPem(std::string_view pem);
std::string pemOf(X509& certificate);
std::string pemOf(EVP_PKEY& key);

std::string textOf(const ASN1_STRING& text);
/// "10.0.0.1", "::1": four or sixteen bytes; empty for any other number.
std::string addressText(const ASN1_OCTET_STRING& bytes);

std::string commonName(const X509_NAME* name);
std::vector<std::string> organizations(const X509_NAME* name);
/// The subject alternative names that the request asks for; null: none.
NamesPointer alternativeNames(const X509_REQ& request);
WallTime wallTime(const ASN1_TIME* time);

} // namespace keelson::auth
