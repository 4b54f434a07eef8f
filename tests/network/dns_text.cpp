// SPDX-License-Identifier: Apache-2.0
#include "network/dns_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <ldns/ldns.h> // After all others: it makes macros of true and false.
#undef true
#undef false

namespace keelson::network::test {
namespace {

using Text = std::unique_ptr<char, decltype(&std::free)>;

std::string wire(ldns_pkt* packet)
{
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    ldns_pkt2wire(&bytes, packet, &size);
    std::string text(reinterpret_cast<const char*>(bytes), size);
    std::free(bytes); // NOLINT: it comes from C
    ldns_pkt_free(packet);
    return text;
}

std::string records(const ldns_rr_list* list, std::string_view mark)
{
    std::string text;
    for (std::size_t i = 0; list && i < ldns_rr_list_rr_count(list); ++i) {
        const auto* record = ldns_rr_list_rr(list, i);
        const auto type = ldns_rr_get_type(record);
        const Text name(ldns_rr_type2str(type), &std::free);
        std::string data;
        const std::size_t parts = type == LDNS_RR_TYPE_SOA ? 1 : ldns_rr_rd_count(record);
        for (std::size_t part = 0; part < parts; ++part) {
            const Text word(ldns_rdf2str(type == LDNS_RR_TYPE_SOA ? ldns_rr_owner(record) : ldns_rr_rdf(record, part)),
                            &std::free);
            data += fmt::format(" {}", word.get());
        }
        text += fmt::format(" {}{}{}", mark, name.get(), data);
    }
    return text;
}

} // namespace

std::string dnsQuestion(std::string_view typeAndName, int ednsSize)
{
    const auto space = typeAndName.find(' ');
    const auto type = ldns_get_rr_type_by_name(std::string(typeAndName.substr(0, space)).c_str());
    auto* name = ldns_dname_new_frm_str((std::string(typeAndName.substr(space + 1)) + ".").c_str());
    auto* packet = ldns_pkt_query_new(name, type, LDNS_RR_CLASS_IN, LDNS_RD);
    ldns_pkt_set_id(packet, 4711);
    if (ednsSize > 0)
        ldns_pkt_set_edns_udp_size(packet, static_cast<std::uint16_t>(ednsSize));
    return wire(packet);
}

std::string dnsAnswerTo(std::string_view question, const std::string& ip, int ttl)
{
    ldns_pkt* packet = nullptr;
    ldns_wire2pkt(&packet, reinterpret_cast<const std::uint8_t*>(question.data()), question.size());
    ldns_pkt_set_qr(packet, 1);
    ldns_rr* record = nullptr;
    const Text owner(ldns_rdf2str(ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(packet), 0))), &std::free);
    ldns_rr_new_frm_str(&record, fmt::format("{} {} IN A {}", owner.get(), ttl, ip).c_str(), 0, nullptr, nullptr);
    ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, record);
    return wire(packet);
}

std::string dnsText(std::string_view reply)
{
    ldns_pkt* packet = nullptr;
    if (reply.empty() ||
        ldns_wire2pkt(&packet, reinterpret_cast<const std::uint8_t*>(reply.data()), reply.size()) != LDNS_STATUS_OK)
        return {};
    const Text code(ldns_pkt_rcode2str(ldns_pkt_get_rcode(packet)), &std::free);
    std::string text = code.get();
    text += ldns_pkt_aa(packet) ? " aa" : "";
    text += ldns_pkt_tc(packet) ? " tc" : "";
    text += records(ldns_pkt_answer(packet), "");
    text += records(ldns_pkt_authority(packet), "!");
    text += records(ldns_pkt_additional(packet), "+");
    if (ldns_pkt_id(packet) != 4711)
        text += " wrong id";
    ldns_pkt_free(packet);
    return text;
}

} // namespace keelson::network::test
