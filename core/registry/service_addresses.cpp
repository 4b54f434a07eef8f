// SPDX-License-Identifier: Apache-2.0
#include "registry/service_addresses.h"

#include "api/rules.h"
#include "api/validation.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

namespace keelson::registry {
namespace {

constexpr std::uint32_t nodePortFirst = 30000;
constexpr std::uint32_t nodePortLast = 32767;
constexpr int prefixLengthMax = 28;
constexpr std::uint32_t kubernetesIndex = 1;
constexpr std::uint32_t dnsIndex = 10;
constexpr std::string_view headless = "None";

std::set<std::uint32_t> portsOf(const Value* service)
{
    std::set<std::uint32_t> numbers;
    const auto* const ports = service ? api::find(*service, {"spec", "ports"}) : nullptr;
    if (!ports || !ports->is_array())
        return numbers;
    for (const auto& port : ports->get_array()) {
        if (const auto number = api::integerAt(port, {"nodePort"}); number > 0)
            numbers.insert(static_cast<std::uint32_t>(number));
    }
    return numbers;
}

std::string_view clusterIpOf(const Value* service)
{
    return service ? api::stringAt(*service, {"spec", "clusterIP"}) : std::string_view{};
}

void refuse(Admission& admission, std::string field, std::string message)
{
    admission.refusals.push_back({"FieldValueInvalid", std::move(message), std::move(field)});
}

bool isBalanced(const Value& service)
{
    return api::stringAt(service, {"spec", "type"}) == "LoadBalancer";
}

/// Whether traffic from outside comes to the Service.
bool isOpen(const Value& service)
{
    const auto type = api::stringAt(service, {"spec", "type"});
    const auto* const addresses = api::find(service, {"spec", "externalIPs"});
    const bool named = addresses && addresses->is_array() && !addresses->get_array().empty();
    return type == "NodePort" || type == "LoadBalancer" || (type == "ClusterIP" && named);
}

/// Whether a port of the nodes tells where its pods are.
bool isProbed(const Value& service)
{
    return isBalanced(service) && api::stringAt(service, {"spec", "externalTrafficPolicy"}) == "Local";
}

bool hasAddresses(const Value& service)
{
    return api::stringAt(service, {"spec", "type"}) != "ExternalName";
}

/// What a Service has for its type, and only then.
struct OfType {
    std::string_view member;
    bool (*mayHave)(const Value& service);
};
constexpr std::array ofType{
    OfType{"allocateLoadBalancerNodePorts", isBalanced},
    OfType{"loadBalancerClass", isBalanced},
    OfType{"healthCheckNodePort", isProbed},
    OfType{"externalTrafficPolicy", isOpen},
    OfType{"ipFamilies", hasAddresses},
    OfType{"ipFamilyPolicy", hasAddresses},
};

/// A change of the type takes with it what only the type before could have. What the writer changed too stays, for
/// validation to refuse.
void dropOfEarlierType(Value& service, const Value& before)
{
    std::vector<std::string_view> dropped;
    for (const auto& [member, mayHave] : ofType) {
        const auto* const now = api::find(service, {"spec", member});
        const auto* const was = api::find(before, {"spec", member});
        if (now && was && *now == *was && mayHave(before) && !mayHave(service))
            dropped.push_back(member);
    }
    for (const auto member : dropped)
        api::objectAt(service, {"spec"}).stable_erase(boost::json::string_view(member.data(), member.size()));
}

/// The node port that the Service had before for the same port and protocol; 0: none.
std::int64_t earlierNodePort(const Value* before, const Value& port)
{
    const auto* const ports = before ? api::find(*before, {"spec", "ports"}) : nullptr;
    if (!ports || !ports->is_array())
        return 0;
    const auto same = std::ranges::find_if(ports->get_array(), [&](const Value& one) {
        return api::integerAt(one, {"port"}) == api::integerAt(port, {"port"}) &&
               api::stringAt(one, {"protocol"}) == api::stringAt(port, {"protocol"});
    });
    return same == ports->get_array().end() ? 0 : api::integerAt(*same, {"nodePort"});
}

/// Refuses clusterIPs that cannot belong together.
void checkTogether(Admission& admission, const api::Array& addresses)
{
    if (addresses.size() < 2)
        return;
    const auto all = api::writeJson(Value(addresses));
    if (api::textOf(addresses.front()) == headless) {
        refuse(admission, "spec.clusterIPs",
               fmt::format("Invalid value: {}: 'None' must be the first and only value", all));
        return;
    }
    for (std::size_t index = 1; index < addresses.size(); ++index) {
        const bool isOther = api::textOf(addresses[index]).contains(':');
        refuse(admission, isOther ? fmt::format("spec.clusterIPs[{}]", index) : "spec.clusterIPs",
               fmt::format("Invalid value: {}: {}", all,
                           isOther ? "IPv6 is not configured on this cluster"
                                   : "may specify no more than one IP for each IP family"));
    }
}

/// The addresses of Services are of one family. A Service with neither an address nor pods of its own leads to whatever
/// addresses its endpoints have: it may say both families.
void settleFamilies(Admission& admission, bool free)
{
    auto& spec = api::objectAt(*admission.object, {"spec"});
    auto families = api::itemsAt(*admission.object, {"spec", "ipFamilies"});
    const auto policy = api::stringAt(*admission.object, {"spec", "ipFamilyPolicy"});
    for (std::size_t index = 0; !free && index < families.size(); ++index)
        if (families[index] == "IPv6")
            refuse(admission, fmt::format("spec.ipFamilies[{}]", index),
                   R"(Invalid value: "IPv6": not configured on this cluster)");
    if (!free && policy == "RequireDualStack")
        refuse(admission, "spec.ipFamilyPolicy",
               R"(Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services)");
    if (families.empty())
        families.emplace_back("IPv4");
    if (free && policy != "SingleStack" && families.size() == 1)
        families.emplace_back(families.front() == "IPv4" ? "IPv6" : "IPv4");
    spec["ipFamilies"] = std::move(families);
}

class Step : public AdmissionStep {
public:
    explicit Step(ServiceAddresses& addresses) : m_addresses(addresses) {}
    std::string_view name() const override { return "ServiceAddresses"; }
    bool changes(const Admission& admission) const override { return isCoreKind(admission.kind, "Service"); }
    Result<Done> admit(Admission& admission) const override
    {
        if (admission.kind.kind != "Service" || !admission.kind.groupVersion.group.empty() || !admission.object ||
            !admission.subresource.empty())
            return Done{};
        return m_addresses.complete(admission);
    }

private:
    ServiceAddresses& m_addresses;
};

} // namespace

NumberPool::NumberPool(std::uint32_t first, std::uint32_t last, std::vector<std::uint32_t> reserved)
    : m_first(first), m_last(last), m_reserved(std::move(reserved))
{
}

std::shared_ptr<void> NumberPool::holdLocked(std::uint32_t number)
{
    if (m_uses.contains(number))
        return nullptr;
    m_uses[number] = 1;
    return {static_cast<void*>(this), [pool = shared_from_this(), number](void*) { pool->release(number); }};
}

std::shared_ptr<void> NumberPool::hold(std::uint32_t number)
{
    const std::scoped_lock lock(m_mutex);
    return holdLocked(number);
}

std::shared_ptr<void> NumberPool::holdAny(Random& random, std::uint32_t& number)
{
    const auto count = std::uint64_t{m_last} - m_first + 1;
    const auto start = random.below(count);
    const std::scoped_lock lock(m_mutex);
    for (std::uint64_t i = 0; i < count; ++i) {
        number = m_first + static_cast<std::uint32_t>((start + i) % count);
        if (std::ranges::count(m_reserved, number) != 0)
            continue;
        if (auto held = holdLocked(number))
            return held;
    }
    return nullptr;
}

void NumberPool::own(std::uint32_t number)
{
    const std::scoped_lock lock(m_mutex);
    ++m_uses[number];
}

void NumberPool::release(std::uint32_t number)
{
    const std::scoped_lock lock(m_mutex);
    if (const auto use = m_uses.find(number); use != m_uses.end() && --use->second <= 0)
        m_uses.erase(use);
}

Result<AddressRange> AddressRange::parse(std::string_view text)
{
    const auto slash = text.find('/');
    const auto address = parseAddress(text.substr(0, slash));
    AddressRange range;
    const auto length = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), range.prefixLength);
    if (!address || error != std::errc{} || end != length.data() + length.size() || range.prefixLength < 1 ||
        range.prefixLength > prefixLengthMax)
        return fail(Reason::Invalid,
                    fmt::format("\"{}\" is not an IPv4 range for services, such as 10.96.0.0/16 (/1 to /{})", text,
                                prefixLengthMax));
    range.network = *address & (~std::uint32_t{0} << (32 - range.prefixLength));
    return range;
}

std::string AddressRange::text() const
{
    return fmt::format("{}/{}", addressText(network), prefixLength);
}

std::optional<std::uint32_t> parseAddress(std::string_view text)
{
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        unsigned number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const auto length = static_cast<std::size_t>(end - text.data());
        if (error != std::errc{} || number > 255 || length > 3 || (length > 1 && text.front() == '0'))
            return std::nullopt;
        address = address << 8 | number;
        text.remove_prefix(length);
        if (part < 3) {
            if (text.empty() || text.front() != '.')
                return std::nullopt;
            text.remove_prefix(1);
        }
    }
    return text.empty() ? std::optional(address) : std::nullopt;
}

std::string addressText(std::uint32_t address)
{
    return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

ServiceAddresses::ServiceAddresses(AddressRange range, Random& random)
    : m_range(range),
      m_random(random),
      m_addresses(std::make_shared<NumberPool>(range.network + 1,
                                               range.network + (std::uint32_t{1} << (32 - range.prefixLength)) - 2,
                                               std::vector{range.network + kubernetesIndex, range.network + dnsIndex})),
      m_ports(std::make_shared<NumberPool>(nodePortFirst, nodePortLast, std::vector<std::uint32_t>{}))
{
}

std::unique_ptr<AdmissionStep> ServiceAddresses::step()
{
    return std::make_unique<Step>(*this);
}

void ServiceAddresses::changed(const Value* before, const Value* after)
{
    if (const auto address = parseAddress(clusterIpOf(after)))
        m_addresses->own(*address);
    for (const auto port : portsOf(after))
        m_ports->own(port);
    if (const auto address = parseAddress(clusterIpOf(before)))
        m_addresses->release(*address);
    for (const auto port : portsOf(before))
        m_ports->release(port);
}

Result<Done> ServiceAddresses::complete(Admission& admission)
{
    if (admission.before)
        dropOfEarlierType(*admission.object, *admission.before);
    TRY_OK(completeAddress(admission));
    return completePorts(admission);
}

Result<Done> ServiceAddresses::completeAddress(Admission& admission)
{
    auto& spec = api::objectAt(*admission.object, {"spec"});
    if (api::stringAt(*admission.object, {"spec", "type"}) == "ExternalName") {
        // What the type before had goes with it; what the writer asks for is refused by validation.
        const auto asked = clusterIpOf(admission.object);
        if (asked.empty() || asked == clusterIpOf(admission.before)) {
            spec.stable_erase("clusterIP");
            spec.stable_erase("clusterIPs");
        }
        return Done{};
    }
    const auto had = clusterIpOf(admission.before);
    auto wanted = std::string(clusterIpOf(admission.object));
    const auto addresses = api::itemsAt(*admission.object, {"spec", "clusterIPs"});
    checkTogether(admission, addresses);
    if (wanted.empty() && !addresses.empty() && addresses.front().is_string())
        wanted = addresses.front().get_string();
    if (wanted.empty() && !had.empty())
        wanted = had;
    if (!had.empty() && wanted != had) {
        refuse(admission, "spec.clusterIPs[0]",
               fmt::format("Invalid value: [\"{}\"]: may not change once set", wanted));
    } else if (wanted.empty()) {
        std::uint32_t address = 0;
        auto held = m_addresses->holdAny(m_random, address);
        if (!held)
            return fail(Reason::InternalError,
                        fmt::format("failed to allocate a cluster IP: the range {} is full", m_range.text()));
        admission.holds.push_back(std::move(held));
        wanted = addressText(address);
    } else if (wanted != headless && wanted != had) {
        holdAddress(admission, wanted);
    }
    spec["clusterIP"] = wanted;
    spec["clusterIPs"] = api::Array{Value(boost::json::string_view(wanted.data(), wanted.size()))};
    const auto* const selector = api::find(*admission.object, {"spec", "selector"});
    const bool selects = selector && selector->is_object() && !selector->get_object().empty();
    settleFamilies(admission, wanted == headless && !selects);
    return Done{};
}

void ServiceAddresses::holdAddress(Admission& admission, const std::string& wanted)
{
    const auto refuseAllocation = [&](const std::string& why) {
        refuse(admission, "spec.clusterIPs",
               fmt::format("Invalid value: [\"{}\"]: failed to allocate IP {}: {}", wanted, wanted, why));
    };
    const auto address = parseAddress(wanted);
    if (!address) {
        refuse(admission, "spec.clusterIPs[0]",
               fmt::format("Invalid value: \"{}\": must be a valid IPv4 address, or None", wanted));
        return;
    }
    if (!m_addresses->inRange(*address)) {
        refuseAllocation("provided IP is not in the valid range. The range of valid IPs is " + m_range.text());
        return;
    }
    auto held = m_addresses->hold(*address);
    if (!held)
        refuseAllocation("provided IP is already allocated");
    admission.holds.push_back(std::move(held));
}

Result<Done> ServiceAddresses::completePorts(Admission& admission)
{
    auto* const ports = api::find(*admission.object, {"spec", "ports"});
    if (!ports || !ports->is_array())
        return Done{};
    const auto type = std::string(api::stringAt(*admission.object, {"spec", "type"}));
    const auto offers =
        type == "NodePort" ||
        (type == "LoadBalancer" && api::boolAt(*admission.object, {"spec", "allocateLoadBalancerNodePorts"}, true));
    auto& list = ports->get_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto* const port = list[i].if_object();
        if (!port)
            continue; // validation says what is wrong with it
        const auto number = api::integerAt(list[i], {"nodePort"});
        const auto earlier = earlierNodePort(admission.before, list[i]);
        if (type == "NodePort" || type == "LoadBalancer") {
            if (number == 0 && earlier != 0)
                (*port)["nodePort"] = earlier;
            else if (offers || number != 0)
                TRY_OK(holdPort(admission, i, list[i]));
        } else if (number != 0 && number == earlier) {
            port->stable_erase("nodePort"); // what the type before had; asking anew is refused by validation
        }
    }
    return Done{};
}

Result<Done> ServiceAddresses::holdPort(Admission& admission, std::size_t index, Value& port)
{
    const auto wanted = api::integerAt(port, {"nodePort"});
    if (wanted == 0) {
        std::uint32_t number = 0;
        auto held = m_ports->holdAny(m_random, number);
        if (!held)
            return fail(Reason::InternalError, "failed to allocate a nodePort: range is full");
        admission.holds.push_back(std::move(held));
        port.as_object()["nodePort"] = std::int64_t{number};
        return Done{};
    }
    const auto refusePort = [&](std::string_view why) {
        refuse(admission, fmt::format("spec.ports[{}].nodePort", index),
               fmt::format("Invalid value: {}: {}", wanted, why));
    };
    const auto number = static_cast<std::uint32_t>(wanted);
    if (wanted < nodePortFirst || wanted > nodePortLast) {
        refusePort(fmt::format("provided port is not in the valid range. The range of valid ports is {}-{}",
                               nodePortFirst, nodePortLast));
        return Done{};
    }
    // One number may serve several protocols of one Service.
    const auto& ports = admission.object->at("spec").at("ports").as_array();
    const auto repeats =
        std::any_of(ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(index),
                    [wanted](const Value& one) { return api::integerAt(one, {"nodePort"}) == wanted; });
    if (repeats || portsOf(admission.before).contains(number))
        return Done{};
    auto held = m_ports->hold(number);
    if (!held)
        refusePort("provided port is already allocated");
    admission.holds.push_back(std::move(held));
    return Done{};
}

} // namespace keelson::registry
