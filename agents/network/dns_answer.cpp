// SPDX-License-Identifier: Apache-2.0
#include "network/dns_answer.h"

#include "base/owned.h"

#include <fmt/format.h>

#include <algorithm>

#include <ldns/ldns.h> // After all others: it makes macros of true and false.
#undef true
#undef false

namespace keelson::network {
namespace {

constexpr std::size_t headerBytes = 12;
constexpr int keepSecondsMax = 30;
constexpr int aliasesMax = 8;

using Packet = Owned<ldns_pkt, ldns_pkt_free>;

Packet readPacket(std::string_view bytes)
{
    ldns_pkt* packet = nullptr;
    if (ldns_wire2pkt(&packet, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) != LDNS_STATUS_OK)
        return nullptr;
    return Packet(packet);
}

std::string writePacket(const ldns_pkt* packet)
{
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (ldns_pkt2wire(&bytes, packet, &size) != LDNS_STATUS_OK)
        return {};
    std::string text(reinterpret_cast<const char*>(bytes), size);
    LDNS_FREE(bytes);
    return text;
}

/// Lower case, without the final dot.
std::string nameOf(const ldns_rdf* owner)
{
    std::unique_ptr<char, decltype(&std::free)> text(ldns_rdf2str(owner), &std::free);
    std::string name = text ? text.get() : "";
    if (name.ends_with('.'))
        name.pop_back();
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return name;
}

ldns_rr* newRecord(const std::string& owner, ldns_rr_type type)
{
    ldns_rr* record = ldns_rr_new();
    ldns_rr_set_owner(record, ldns_dname_new_frm_str((owner + ".").c_str()));
    ldns_rr_set_type(record, type);
    ldns_rr_set_class(record, LDNS_RR_CLASS_IN);
    ldns_rr_set_ttl(record, dnsTtlSeconds);
    return record;
}

void pushNumber(ldns_rr* record, std::uint16_t number)
{
    ldns_rr_push_rdf(record, ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, number));
}

/// False for a name that does not fit into a record: then the record is dropped.
bool pushName(ldns_rr* record, const std::string& name)
{
    auto* data = ldns_dname_new_frm_str((name.ends_with('.') ? name : name + ".").c_str());
    return data && ldns_rr_push_rdf(record, data);
}

ldns_rr* addressRecord(const std::string& owner, std::uint32_t address)
{
    auto* record = newRecord(owner, LDNS_RR_TYPE_A);
    const std::uint32_t wire = __builtin_bswap32(address);
    ldns_rr_push_rdf(record, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_A, sizeof wire, &wire));
    return record;
}

ldns_rr* soaRecord(const std::string& zone, const std::string& domain)
{
    auto* record = newRecord(zone, LDNS_RR_TYPE_SOA);
    pushName(record, "ns.dns." + domain);
    pushName(record, "hostmaster." + domain);
    for (const std::uint32_t number : {1U, 7200U, 1800U, 86400U, dnsTtlSeconds})
        ldns_rr_push_rdf(record, ldns_native2rdf_int32(LDNS_RDF_TYPE_INT32, number));
    return record;
}

Packet replyTo(const ldns_pkt* query, ldns_pkt_rcode code)
{
    Packet reply(ldns_pkt_new());
    ldns_pkt_set_id(reply.get(), ldns_pkt_id(query));
    ldns_pkt_set_qr(reply.get(), true);
    ldns_pkt_set_opcode(reply.get(), ldns_pkt_get_opcode(query));
    ldns_pkt_set_rd(reply.get(), ldns_pkt_rd(query));
    ldns_pkt_set_ra(reply.get(), true);
    ldns_pkt_set_rcode(reply.get(), code);
    if (ldns_rr_list_rr_count(ldns_pkt_question(query)) == 1)
        ldns_pkt_push_rr(reply.get(), LDNS_SECTION_QUESTION,
                         ldns_rr_clone(ldns_rr_list_rr(ldns_pkt_question(query), 0)));
    if (ldns_pkt_edns(query))
        ldns_pkt_set_edns_udp_size(reply.get(), dnsDatagramBytesMax);
    return reply;
}

/// FORMERR for bytes that are no message: the identifier is all that can be given back.
std::string malformed(std::string_view message)
{
    std::string reply(headerBytes, '\0');
    reply[0] = message[0];
    reply[1] = message[1];
    reply[2] = static_cast<char>(0x80); // QR
    reply[3] = LDNS_RCODE_FORMERR;
    return reply;
}

/// Fills a reply with what the records say.
class Answer {
public:
    Answer(const DnsRecords& records, ldns_pkt* reply, unsigned turn) : m_records(records), m_reply(reply), m_turn(turn)
    {
    }

    void fill(std::string name, ldns_rr_type type)
    {
        ldns_pkt_set_aa(m_reply, true);
        const auto asked = name;
        for (int i = 0; i < aliasesMax; ++i) {
            DnsNode madeUp;
            const auto* node = m_records.find(name, madeUp);
            if (!node) {
                ldns_pkt_set_rcode(m_reply, LDNS_RCODE_NXDOMAIN);
                break;
            }
            if (node->alias.empty() || type == LDNS_RR_TYPE_CNAME) {
                pushAll(name, *node, type);
                break;
            }
            pushAlias(name, *node);
            name = node->alias;
            if (m_records.ownerOf(name) == DnsRecords::Owner::Others)
                return; // The client's resolver asks again for the target.
        }
        if (m_answers == 0)
            ldns_pkt_push_rr(m_reply, LDNS_SECTION_AUTHORITY, soaRecord(m_records.zoneOf(asked), m_records.domain()));
    }

private:
    void push(ldns_rr* record, ldns_pkt_section section = LDNS_SECTION_ANSWER)
    {
        ldns_pkt_push_rr(m_reply, section, record);
        m_answers += section == LDNS_SECTION_ANSWER ? 1 : 0;
    }

    void pushAlias(const std::string& name, const DnsNode& node)
    {
        auto* record = newRecord(name, LDNS_RR_TYPE_CNAME);
        if (pushName(record, node.alias))
            push(record);
        else
            ldns_rr_free(record);
    }

    /// Each answer starts with another address, so that clients which take the first spread over all.
    void pushAddresses(const std::string& name, const DnsNode& node, ldns_pkt_section section)
    {
        const auto count = node.addresses.size();
        for (std::size_t i = 0; i < count; ++i)
            push(addressRecord(name, node.addresses[(i + m_turn) % count]), section);
    }

    void pushServices(const std::string& name, const DnsNode& node)
    {
        for (const auto& target : node.services) {
            auto* record = newRecord(name, LDNS_RR_TYPE_SRV);
            pushNumber(record, 0);
            pushNumber(record, static_cast<std::uint16_t>(100 / node.services.size() + 1));
            pushNumber(record, target.port);
            pushName(record, target.host);
            push(record);
            DnsNode madeUp;
            if (const auto* host = m_records.find(target.host, madeUp))
                pushAddresses(target.host, *host, LDNS_SECTION_ADDITIONAL);
        }
    }

    void pushAll(const std::string& name, const DnsNode& node, ldns_rr_type type)
    {
        const bool any = type == LDNS_RR_TYPE_ANY;
        if (type == LDNS_RR_TYPE_A || any)
            pushAddresses(name, node, LDNS_SECTION_ANSWER);
        if (type == LDNS_RR_TYPE_SRV || any)
            pushServices(name, node);
        if ((type == LDNS_RR_TYPE_CNAME || any) && !node.alias.empty())
            pushAlias(name, node);
        if (type == LDNS_RR_TYPE_PTR || any) {
            for (const auto& pointer : node.pointers) {
                auto* record = newRecord(name, LDNS_RR_TYPE_PTR);
                pushName(record, pointer);
                push(record);
            }
        }
        if (name == m_records.domain() && (type == LDNS_RR_TYPE_SOA || any))
            push(soaRecord(name, name));
        if (name == m_records.domain() && (type == LDNS_RR_TYPE_NS || any)) {
            auto* record = newRecord(name, LDNS_RR_TYPE_NS);
            pushName(record, "ns.dns." + name);
            push(record);
        }
    }

    const DnsRecords& m_records;
    ldns_pkt* m_reply;
    unsigned m_turn;
    int m_answers = 0;
};

/// Too long for a datagram: an empty answer that says so; the client comes back over a stream.
std::string fit(const ldns_pkt* query, const ldns_pkt* reply, DnsTransport transport)
{
    auto bytes = writePacket(reply);
    const std::size_t offered = ldns_pkt_edns(query) ? ldns_pkt_edns_udp_size(query) : 512;
    const auto most =
        transport == DnsTransport::Stream ? 65'535 : std::clamp<std::size_t>(offered, 512, dnsDatagramBytesMax);
    if (bytes.size() <= most)
        return bytes;
    const auto cut = replyTo(query, LDNS_RCODE_NOERROR);
    ldns_pkt_set_aa(cut.get(), true);
    ldns_pkt_set_tc(cut.get(), true);
    return writePacket(cut.get());
}

} // namespace

DnsOutcome answerDns(const DnsRecords& records, std::string_view message, DnsTransport transport)
{
    if (message.size() < headerBytes || (message[2] & 0x80) != 0)
        return DnsIgnore{};
    const auto query = message.size() <= dnsQueryBytesMax ? readPacket(message) : nullptr;
    if (!query)
        return DnsReply{malformed(message)};
    if (ldns_pkt_get_opcode(query.get()) != LDNS_PACKET_QUERY)
        return DnsReply{writePacket(replyTo(query.get(), LDNS_RCODE_NOTIMPL).get())};
    if (ldns_rr_list_rr_count(ldns_pkt_question(query.get())) != 1)
        return DnsReply{malformed(message)};
    const auto* question = ldns_rr_list_rr(ldns_pkt_question(query.get()), 0);
    const auto name = nameOf(ldns_rr_owner(question));
    const auto type = ldns_rr_get_type(question);
    if (records.ownerOf(name) == DnsRecords::Owner::Others)
        return DnsForward{
            fmt::format("{} {} {} {}", name, static_cast<int>(type), static_cast<int>(ldns_rr_get_class(question)),
                        ldns_pkt_edns(query.get()) ? (ldns_pkt_edns_do(query.get()) ? "do" : "edns") : "")};
    if (ldns_rr_get_class(question) != LDNS_RR_CLASS_IN)
        return DnsReply{writePacket(replyTo(query.get(), LDNS_RCODE_REFUSED).get())};
    const auto reply = replyTo(query.get(), LDNS_RCODE_NOERROR);
    Answer(records, reply.get(), ldns_pkt_id(query.get())).fill(name, type);
    return DnsReply{fit(query.get(), reply.get(), transport)};
}

std::string dnsFailure(std::string_view query)
{
    const auto packet = readPacket(query);
    return packet ? writePacket(replyTo(packet.get(), LDNS_RCODE_SERVFAIL).get()) : std::string{};
}

int dnsKeepSeconds(std::string_view reply)
{
    const auto packet = readPacket(reply);
    const auto code = packet ? ldns_pkt_get_rcode(packet.get()) : LDNS_RCODE_SERVFAIL;
    if ((code != LDNS_RCODE_NOERROR && code != LDNS_RCODE_NXDOMAIN) || ldns_pkt_tc(packet.get()))
        return 0;
    std::uint32_t least = keepSecondsMax;
    bool any = false;
    for (const auto* section : {ldns_pkt_answer(packet.get()), ldns_pkt_authority(packet.get())}) {
        for (std::size_t i = 0; section && i < ldns_rr_list_rr_count(section); ++i, any = true)
            least = std::min(least, ldns_rr_ttl(ldns_rr_list_rr(section, i)));
    }
    return any ? static_cast<int>(least) : 0;
}

} // namespace keelson::network
