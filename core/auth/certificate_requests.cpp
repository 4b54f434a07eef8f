// SPDX-License-Identifier: Apache-2.0
#include "auth/certificate_requests.h"

#include "auth/openssl_pointers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace keelson::auth {
namespace {

/// A usage, and OpenSSL's word for it among the key usages or the extended ones.
struct Usage {
    std::string_view name;
    std::string_view keyUsage;
    std::string_view extended;
};

constexpr std::array<Usage, 23> usagesKnown{{{"signing", "digitalSignature", ""},
                                             {"digital signature", "digitalSignature", ""},
                                             {"content commitment", "nonRepudiation", ""},
                                             {"key encipherment", "keyEncipherment", ""},
                                             {"key agreement", "keyAgreement", ""},
                                             {"data encipherment", "dataEncipherment", ""},
                                             {"cert sign", "keyCertSign", ""},
                                             {"crl sign", "cRLSign", ""},
                                             {"encipher only", "encipherOnly", ""},
                                             {"decipher only", "decipherOnly", ""},
                                             {"any", "", "anyExtendedKeyUsage"},
                                             {"server auth", "", "serverAuth"},
                                             {"client auth", "", "clientAuth"},
                                             {"code signing", "", "codeSigning"},
                                             {"email protection", "", "emailProtection"},
                                             {"s/mime", "", "emailProtection"},
                                             {"ipsec end system", "", "ipsecEndSystem"},
                                             {"ipsec tunnel", "", "ipsecTunnel"},
                                             {"ipsec user", "", "ipsecUser"},
                                             {"timestamping", "", "timeStamping"},
                                             {"ocsp signing", "", "OCSPSigning"},
                                             {"microsoft sgc", "", "msSGC"},
                                             {"netscape sgc", "", "nsSGC"}}};

constexpr std::string_view nodesGroup = "system:nodes";
constexpr std::string_view nodePrefix = "system:node:";

std::unexpected<Error> refused(std::string why)
{
    return fail(Reason::Forbidden, std::move(why));
}

bool holds(const std::vector<std::string>& list, std::string_view wanted)
{
    return std::ranges::find(list, wanted) != list.end();
}

/// The usages are the two that are needed, with or without "key encipherment".
bool areUsages(const std::vector<std::string>& usages, std::string_view purpose)
{
    return holds(usages, "digital signature") && holds(usages, purpose) &&
           std::ranges::all_of(usages, [&](const auto& usage) {
               return usage == "digital signature" || usage == purpose || usage == "key encipherment";
           });
}

Result<Done> checkNodeSubject(const CertificateRequestFacts& facts)
{
    if (facts.organizations != std::vector{std::string(nodesGroup)})
        return refused("subject organization is not system:nodes");
    if (!facts.commonName.starts_with(nodePrefix))
        return refused("subject common name does not begin with system:node:");
    if (!facts.emails.empty())
        return refused("Email subjectAltNames are not allowed");
    if (!facts.uris.empty())
        return refused("URI subjectAltNames are not allowed");
    return Done{};
}

Result<Done> checkNodeClient(const CertificateRequestFacts& facts, const std::vector<std::string>& usages)
{
    TRY_OK(checkNodeSubject(facts));
    if (!facts.dnsNames.empty())
        return refused("DNS subjectAltNames are not allowed");
    if (!facts.addresses.empty())
        return refused("IP subjectAltNames are not allowed");
    if (!areUsages(usages, "client auth"))
        return refused("usages did not match [client auth digital signature]");
    return Done{};
}

Result<Done> checkNodeServing(const CertificateRequestFacts& facts, const std::vector<std::string>& usages)
{
    TRY_OK(checkNodeSubject(facts));
    if (facts.dnsNames.empty() && facts.addresses.empty())
        return refused("DNS or IP subjectAltName is required");
    if (!areUsages(usages, "server auth"))
        return refused("usages did not match [digital signature server auth]");
    return Done{};
}

Result<Done> checkClient(const std::vector<std::string>& usages)
{
    for (const auto& usage : usages) {
        if (usage != "client auth" && usage != "digital signature" && usage != "key encipherment")
            return refused(fmt::format("invalid usage for client certificate: {}", usage));
    }
    if (!holds(usages, "client auth"))
        return refused("missing required usage for client certificate: client auth");
    return Done{};
}

} // namespace

Result<CertificateRequestFacts> certificateRequestFacts(std::string_view pem)
{
    if (pem.size() > certificateRequestBytesMax)
        return fail(Reason::Invalid, fmt::format("the request has more than {} bytes", certificateRequestBytesMax));
    const auto request = requestFromPem(pem);
    if (!request)
        return fail(Reason::Invalid, "PEM block type must be CERTIFICATE REQUEST");
    EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
    const bool good = key && X509_REQ_verify(request.get(), key) == 1;
    ERR_clear_error();
    if (!good)
        return fail(Reason::Invalid, "the request is not signed by its own key");
    const auto* const subject = X509_REQ_get_subject_name(request.get());
    CertificateRequestFacts facts;
    facts.commonName = commonName(subject);
    facts.organizations = organizations(subject);
    const auto names = alternativeNames(*request);
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS)
            facts.dnsNames.push_back(textOf(*name->d.dNSName));
        else if (name->type == GEN_IPADD)
            facts.addresses.push_back(addressText(*name->d.iPAddress));
        else if (name->type == GEN_EMAIL)
            facts.emails.push_back(textOf(*name->d.rfc822Name));
        else if (name->type == GEN_URI)
            facts.uris.push_back(textOf(*name->d.uniformResourceIdentifier));
    }
    ERR_clear_error();
    return facts;
}

const std::vector<std::string>& knownUsages()
{
    static const auto names = [] {
        std::vector<std::string> all;
        for (const auto& usage : usagesKnown)
            all.emplace_back(usage.name);
        std::ranges::sort(all);
        return all;
    }();
    return names;
}

Result<Done> checkForSigner(std::string_view signer, const CertificateRequestFacts& facts,
                            const std::vector<std::string>& usages)
{
    if (signer == clientSigner)
        return checkClient(usages);
    if (signer == nodeClientSigner)
        return checkNodeClient(facts, usages);
    if (signer == nodeServingSigner)
        return checkNodeServing(facts, usages);
    return refused(fmt::format("the signer \"{}\" is none of this cluster's", signer));
}

std::chrono::seconds certificateLifetimeFor(std::optional<std::int64_t> askedSeconds, std::chrono::seconds longest)
{
    if (!askedSeconds)
        return longest;
    return std::min(std::max(std::chrono::seconds{*askedSeconds}, certificateLifetimeMin), longest);
}

UsageTexts usageTexts(const std::vector<std::string>& usages)
{
    UsageTexts texts;
    const auto add = [](std::string& text, std::string_view word) {
        // Two usages may share one word of OpenSSL's, which takes each once.
        if (!word.empty() && !("," + text + ",").contains(fmt::format(",{},", word)))
            text += fmt::format("{}{}", text.empty() ? "" : ",", word);
    };
    for (const auto& usage : usagesKnown) {
        if (!holds(usages, usage.name))
            continue;
        add(texts.keyUsage, usage.keyUsage);
        add(texts.extendedKeyUsage, usage.extended);
    }
    if (!texts.keyUsage.empty())
        texts.keyUsage.insert(0, "critical,");
    return texts;
}

} // namespace keelson::auth
