// SPDX-License-Identifier: Apache-2.0
#include "placement/plugin.h"

#include <algorithm>
#include <cmath>

namespace keelson::placement {
namespace {

class FitCheck : public PodCheck {
public:
    explicit FitCheck(const PodRequests& requests) : m_requests(requests)
    {
        for (const auto& [name, amount] : m_requests.request.extended)
            m_insufficient.push_back("Insufficient " + name);
    }

    Verdict filter(const NodeInfo& info) const override
    {
        Verdict verdict;
        const auto& asked = m_requests.request;
        const auto& has = info.allocatable();
        const auto& taken = info.requested();
        if (static_cast<std::int64_t>(info.podCount()) + 1 > info.podsMax())
            verdict.add("Too many pods");
        if (asked.milliCpu > 0 && asked.milliCpu > has.milliCpu - taken.milliCpu)
            verdict.add("Insufficient cpu");
        if (asked.memoryBytes > 0 && asked.memoryBytes > has.memoryBytes - taken.memoryBytes)
            verdict.add("Insufficient memory");
        if (asked.ephemeralStorageBytes > 0 &&
            asked.ephemeralStorageBytes > has.ephemeralStorageBytes - taken.ephemeralStorageBytes)
            verdict.add("Insufficient ephemeral-storage");
        std::size_t index = 0;
        for (const auto& [name, amount] : asked.extended) {
            if (amount > at(has, name) - at(taken, name))
                verdict.add(m_insufficient[index]);
            ++index;
        }
        return verdict;
    }

    /// The free share that would be left of cpu and memory, on average.
    Score score(const NodeInfo& info) const override
    {
        const auto cpu = freeShare(info.allocatable().milliCpu, info.scoredMilliCpu() + m_requests.scoredMilliCpu);
        const auto memory =
            freeShare(info.allocatable().memoryBytes, info.scoredMemoryBytes() + m_requests.scoredMemoryBytes);
        return (cpu + memory) / 2;
    }

private:
    static std::int64_t at(const Resources& resources, std::string_view name)
    {
        const auto found = resources.extended.find(name);
        return found == resources.extended.end() ? 0 : found->second;
    }
    static Score freeShare(std::int64_t capacity, std::int64_t used)
    {
        if (capacity <= 0 || used > capacity)
            return 0;
        return static_cast<Score>(static_cast<double>(capacity - used) * scoreMax / static_cast<double>(capacity));
    }

    PodRequests m_requests;
    std::vector<std::string> m_insufficient; ///< In the order of request.extended.
};

class NodeResourcesFit : public Plugin {
public:
    std::string_view name() const override { return "NodeResourcesFit"; }
    int weight() const override { return 1; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        return std::make_unique<FitCheck>(info.requests);
    }
};

class BalancedCheck : public PodCheck {
public:
    explicit BalancedCheck(const Resources& request) : m_request(request) {}
    Score score(const NodeInfo& info) const override
    {
        const auto cpu = usedShare(info.allocatable().milliCpu, info.requested().milliCpu + m_request.milliCpu);
        const auto memory =
            usedShare(info.allocatable().memoryBytes, info.requested().memoryBytes + m_request.memoryBytes);
        const auto deviation = std::abs(cpu - memory) / 2;
        return static_cast<Score>((1 - deviation) * scoreMax);
    }

private:
    static double usedShare(std::int64_t capacity, std::int64_t used)
    {
        return capacity <= 0 ? 1 : std::min(1.0, static_cast<double>(used) / static_cast<double>(capacity));
    }
    Resources m_request;
};

class NodeResourcesBalancedAllocation : public Plugin {
public:
    std::string_view name() const override { return "NodeResourcesBalancedAllocation"; }
    int weight() const override { return 1; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        const auto& request = info.requests.request;
        if (request.milliCpu == 0 && request.memoryBytes == 0)
            return nullptr;
        return std::make_unique<BalancedCheck>(request);
    }
};

} // namespace

std::unique_ptr<Plugin> makeNodeResourcesFit()
{
    return std::make_unique<NodeResourcesFit>();
}

std::unique_ptr<Plugin> makeNodeResourcesBalancedAllocation()
{
    return std::make_unique<NodeResourcesBalancedAllocation>();
}

} // namespace keelson::placement
