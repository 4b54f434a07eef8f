// SPDX-License-Identifier: Apache-2.0
#include "controllers/node_cidr_controller.h"

#include "api/core_v1.h"
#include "client/typed.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

namespace keelson::controllers {
namespace {

struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0; ///< One behind the last address.
    int maskSize = 0;
};

Result<Range> parseRange(std::string_view text)
{
    const auto malformed = fail(Reason::Invalid, fmt::format("\"{}\" is not an IPv4 range", text));
    std::uint64_t address = 0;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (int part = 0; part < 4; ++part) {
        unsigned value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{} || value > 255 || next == end || *next != (part < 3 ? '.' : '/'))
            return malformed;
        address = address << 8 | value;
        at = next + 1;
    }
    int maskSize = 0;
    const auto [next, error] = std::from_chars(at, end, maskSize);
    if (error != std::errc{} || next != end || maskSize < 0 || maskSize > 32)
        return malformed;
    const std::uint64_t size = std::uint64_t{1} << (32 - maskSize);
    return Range{.first = address / size * size, .end = address / size * size + size, .maskSize = maskSize};
}

class NodeCidrController : public KeyedController {
public:
    explicit NodeCidrController(const Context& context)
        : KeyedController(context, "node-cidr", {&context.informers.informer<api::Node>()}),
          m_client(context.clientOf("node-controller")),
          m_clusterCidr(context.options.clusterCidr),
          m_maskSize(context.options.nodeMaskSize),
          m_nodes(context.informers.informer<api::Node>())
    {
        m_nodes.onChange([this](const auto& before, const auto& now) { m_runner.add(keyOf(now ? *now : *before)); });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto node = m_nodes.find(key);
        if (!node || !node->spec.podCIDR.empty()) {
            if (!node)
                forget(key.name);
            return Done{};
        }
        TRY_ASSIGN(const auto range, take(key.name));
        const Value patch =
            api::Object{{"metadata", api::Object{{"resourceVersion", node->metadata.resourceVersion}}},
                        {"spec", api::Object{{"podCIDR", range}, {"podCIDRs", api::Array{Value(range)}}}}};
        TRY_ASSIGN(const auto written, client::mergePatch<api::Node>(m_client, key, patch));
        pass.wrote(m_nodes, written);
        return Done{};
    }

private:
    void forget(const std::string& name)
    {
        const std::scoped_lock lock(m_mutex);
        m_given.erase(name);
    }

    /// The first range that no other node has.
    Result<std::string> take(const std::string& node)
    {
        const std::scoped_lock lock(m_mutex);
        std::set<std::string> used;
        for (const auto& other : m_nodes.all()) {
            if (!other->spec.podCIDR.empty())
                used.insert(other->spec.podCIDR);
        }
        for (const auto& [name, range] : m_given) {
            if (name != node)
                used.insert(range);
        }
        TRY_ASSIGN(auto range, nextCidr(m_clusterCidr, m_maskSize, used));
        m_given[node] = range;
        return range;
    }

    client::Client& m_client;
    const std::string m_clusterCidr;
    const int m_maskSize;
    client::Informer<api::Node>& m_nodes;
    std::mutex m_mutex;                         ///< Of the next: workers take ranges for several nodes at once.
    std::map<std::string, std::string> m_given; ///< By node name, also what the informer does not show yet.
};

} // namespace

Result<std::string> nextCidr(std::string_view clusterCidr, int maskSize, const std::set<std::string>& used)
{
    TRY_ASSIGN(const auto cluster, parseRange(clusterCidr));
    if (maskSize < cluster.maskSize || maskSize > 30)
        return fail(Reason::Invalid, fmt::format("/{} ranges cannot be cut out of {}", maskSize, clusterCidr));
    std::vector<Range> taken;
    for (const auto& text : used) {
        if (const auto range = parseRange(text))
            taken.push_back(*range); // others are not of this cluster's network
    }
    const std::uint64_t size = std::uint64_t{1} << (32 - maskSize);
    std::ranges::sort(taken, {}, &Range::first);
    auto first = cluster.first;
    for (const auto& range : taken) {
        if (range.first < first + size && first < range.end)
            first = (range.end + size - 1) / size * size;
    }
    if (first + size > cluster.end)
        return fail(Reason::RequestEntityTooLarge, fmt::format("no /{} is left in {}", maskSize, clusterCidr));
    return fmt::format("{}.{}.{}.{}/{}", first >> 24, first >> 16 & 255, first >> 8 & 255, first & 255, maskSize);
}

std::unique_ptr<Controller> makeNodeCidrController(const Context& context)
{
    return std::make_unique<NodeCidrController>(context);
}

} // namespace keelson::controllers
