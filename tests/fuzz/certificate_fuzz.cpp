// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.h"
#include "auth/certificate_authority.h"
#include "auth/certificate_requests.h"
#include "fuzz/fuzzing.h"

#include <filesystem>
#include <string>

// Input: a byte that chooses, then a certificate in DER, or a certificate or a request in PEM. Whatever it holds, it is
// read without harm; no certificate but those of our authority tells a user, and what is signed is signed as it was
// asked.

namespace {

using namespace keelson;
using fuzz::check;

struct Authority {
    SystemClock clock;
    auth::CertificateAuthority authority = open();
    auth::CertificateAuthenticator authenticator =
        *auth::CertificateAuthenticator::create(authority.certificate(), clock);

    auth::CertificateAuthority open() const
    {
        const auto folder = std::filesystem::temp_directory_path() / "keelson-fuzz-certificate";
        std::filesystem::remove_all(folder); // made anew: nothing in the corpus is of this authority
        return *auth::CertificateAuthority::openOrCreate(folder, clock);
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Authority own;
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 'd') {
        check(!own.authenticator.authenticate(text));
        check(!own.authenticator.authenticate(text, {std::string(text)}));
        return 0;
    }
    if (data[0] == 'c') {
        (void)auth::certificateFacts(text);
        check(!own.authenticator.authenticatePem(text));
        return 0;
    }
    const auto facts = auth::certificateRequestFacts(text);
    if (!facts)
        return 0;
    for (const auto signer : {auth::clientSigner, auth::nodeClientSigner, auth::nodeServingSigner})
        (void)auth::checkForSigner(signer, *facts, {"digital signature", "client auth"});
    const auto made = own.authority.signRequest(text, {"digital signature", "client auth"}, std::chrono::hours{1});
    if (!made)
        return 0;
    const auto read = auth::certificateFacts(*made);
    check(read.has_value() && read->commonName == facts->commonName && read->organizations == facts->organizations);
    check(read->dnsNames == facts->dnsNames && read->addresses == facts->addresses);
    return 0;
}
