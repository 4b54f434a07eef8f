// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzzing.h"
#include "network/dns_answer.h"

// Input: a datagram to the cluster's name server, and to its forwarder.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace keelson;
    static const network::DnsRecords records(
        {.clusterCidr = "10.244.0.0/16", .serviceCidr = "10.96.0.0/16", .dnsAddress = "10.96.0.10"},
        {{.nameSpace = "default", .name = "web", .clusterIp = "10.96.0.7", .ports = {{"http", "tcp", 80}}},
         {.nameSpace = "default",
          .name = "db",
          .ports = {{"sql", "tcp", 5432}},
          .endpoints = {{"10.244.1.2", "db-0", {{"sql", "tcp", 5432}}}}},
         {.nameSpace = "default", .name = "mail", .externalName = "mail.example.com"}});
    const auto message = fuzz::textOf(data, size);
    for (const auto transport : {network::DnsTransport::Datagram, network::DnsTransport::Stream}) {
        const auto outcome = network::answerDns(records, message, transport);
        if (const auto* const reply = std::get_if<network::DnsReply>(&outcome)) {
            fuzz::check(reply->bytes.size() >= 2 && reply->bytes.substr(0, 2) == message.substr(0, 2));
            fuzz::check(transport == network::DnsTransport::Stream ||
                        reply->bytes.size() <= network::dnsDatagramBytesMax);
        }
        if (std::holds_alternative<network::DnsForward>(outcome))
            fuzz::check(!network::dnsFailure(message).empty());
    }
    fuzz::check(network::dnsKeepSeconds(message) >= 0);
    return 0;
}
