// SPDX-License-Identifier: Apache-2.0
#include "placement/resources.h"

#include <algorithm>

namespace keelson::placement {
namespace {

constexpr std::int64_t scoredMilliCpuDefault = 100;
constexpr std::int64_t scoredMemoryDefault = std::int64_t{200} * 1024 * 1024;

/// A container's requests, and the same with defaults for scoring.
struct Counted {
    Resources request;
    Resources scored;

    void add(const Counted& other)
    {
        request.add(other.request);
        scored.add(other.scored);
    }
    void raiseTo(const Counted& other)
    {
        request.raiseTo(other.request);
        scored.raiseTo(other.scored);
    }
};

Counted countContainer(const api::Container& container)
{
    const auto& requests = container.resources.requests;
    Counted counted{.request = resourcesFrom(requests), .scored = {}};
    counted.scored.milliCpu = requests.contains("cpu") ? counted.request.milliCpu : scoredMilliCpuDefault;
    counted.scored.memoryBytes = requests.contains("memory") ? counted.request.memoryBytes : scoredMemoryDefault;
    return counted;
}

} // namespace

void Resources::add(const Resources& other)
{
    milliCpu += other.milliCpu;
    memoryBytes += other.memoryBytes;
    ephemeralStorageBytes += other.ephemeralStorageBytes;
    for (const auto& [name, amount] : other.extended)
        extended[name] += amount;
}

void Resources::subtract(const Resources& other)
{
    milliCpu -= other.milliCpu;
    memoryBytes -= other.memoryBytes;
    ephemeralStorageBytes -= other.ephemeralStorageBytes;
    for (const auto& [name, amount] : other.extended) {
        if ((extended[name] -= amount) == 0)
            extended.erase(name);
    }
}

void Resources::raiseTo(const Resources& other)
{
    milliCpu = std::max(milliCpu, other.milliCpu);
    memoryBytes = std::max(memoryBytes, other.memoryBytes);
    ephemeralStorageBytes = std::max(ephemeralStorageBytes, other.ephemeralStorageBytes);
    for (const auto& [name, amount] : other.extended) {
        auto& mine = extended[name];
        mine = std::max(mine, amount);
    }
}

Resources resourcesFrom(const std::map<std::string, api::Quantity, std::less<>>& list)
{
    Resources resources;
    for (const auto& [name, quantity] : list) {
        if (name == "cpu")
            resources.milliCpu = quantity.milli();
        else if (name == "memory")
            resources.memoryBytes = quantity.units();
        else if (name == "ephemeral-storage")
            resources.ephemeralStorageBytes = quantity.units();
        else if (name != "pods" && !quantity.isZero())
            resources.extended[name] = quantity.units();
    }
    return resources;
}

PodRequests requestsOf(const api::Pod& pod)
{
    Counted running;
    for (const auto& container : pod.spec.containers)
        running.add(countContainer(container));
    Counted sidecars;
    Counted initializing;
    for (const auto& container : pod.spec.initContainers) {
        auto moment = countContainer(container);
        if (container.restartPolicy == "Always") {
            running.add(moment);
            sidecars.add(moment);
            moment = sidecars;
        } else {
            moment.add(sidecars);
        }
        initializing.raiseTo(moment);
    }
    running.raiseTo(initializing);
    const auto overhead = resourcesFrom(pod.spec.overhead);
    running.add({.request = overhead, .scored = overhead});
    return {.request = std::move(running.request),
            .scoredMilliCpu = running.scored.milliCpu,
            .scoredMemoryBytes = running.scored.memoryBytes};
}

} // namespace keelson::placement
