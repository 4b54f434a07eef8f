// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/loop.h"
#include "flowcontrol/flow_configuration.h"

#include <list>
#include <optional>
#include <vector>

namespace keelson::flowcontrol {

/// A request that waits for a seat: one of the two is called, once.
struct Waiting {
    Task start;
    Task refuse;
    SteadyTime since{};
};

/// The queues of a level. A flow is dealt a hand of them by its hash and waits in the shortest, so that one flow that
/// floods fills its own hand and leaves most others a free queue; seats go round the queues in fair order.
/// No clock and no thread of its own; one thread at a time.
/// Source: Kubernetes API priority and fairness (shuffle sharding; fair queuing by virtual time).
class FairQueues {
public:
    explicit FairQueues(const PriorityLevel& level);

    /// False when all queues of the flow's hand are full; then `request` is as it was.
    bool push(std::uint64_t flow, Waiting& request);
    /// Who is next; nothing when nobody waits.
    std::optional<Waiting> pop();
    /// Takes out those that wait since before `time`.
    std::vector<Waiting> takeOlder(SteadyTime time);
    std::size_t size() const { return m_size; }

    /// The queues that a flow is dealt: `handSize` different numbers below `queues`.
    static std::vector<std::size_t> hand(std::uint64_t flow, std::size_t queues, std::size_t handSize);

private:
    struct Queue {
        std::list<Waiting> requests; ///< Takes no memory while it is empty, as most are.
        double virtualStart = 0;     ///< Of its first request, in seats served to a queue.
    };
    std::vector<Queue> m_queues;
    std::size_t m_handSize;
    std::size_t m_lengthMax;
    std::size_t m_size = 0;
    double m_virtualTime = 0; ///< Of the request that was served last.
};

} // namespace keelson::flowcontrol
