// SPDX-License-Identifier: Apache-2.0
#include "flowcontrol/fair_queues.h"

#include <algorithm>

namespace keelson::flowcontrol {

FairQueues::FairQueues(const PriorityLevel& level)
    : m_queues(static_cast<std::size_t>(level.queues)),
      m_handSize(static_cast<std::size_t>(level.handSize)),
      m_lengthMax(static_cast<std::size_t>(level.queueLengthMax))
{
}

std::vector<std::size_t> FairQueues::hand(std::uint64_t flow, std::size_t queues, std::size_t handSize)
{
    std::vector<std::size_t> cards; // Sorted, so that a number among those left can be counted to its place.
    for (std::size_t i = 0; i < handSize && i < queues; ++i) {
        const auto left = queues - i;
        auto card = static_cast<std::size_t>(flow % left);
        flow /= left;
        auto place = cards.begin();
        for (; place != cards.end() && *place <= card; ++place)
            ++card;
        cards.insert(place, card);
    }
    return cards;
}

bool FairQueues::push(std::uint64_t flow, Waiting& request)
{
    Queue* shortest = nullptr;
    for (const auto number : hand(flow, m_queues.size(), m_handSize)) {
        auto& queue = m_queues[number];
        if (!shortest || queue.requests.size() < shortest->requests.size())
            shortest = &queue;
    }
    if (!shortest || shortest->requests.size() >= m_lengthMax)
        return false;
    if (shortest->requests.empty()) // What it did not use while it was empty is not saved up.
        shortest->virtualStart = std::max(shortest->virtualStart, m_virtualTime);
    shortest->requests.push_back(std::move(request));
    ++m_size;
    return true;
}

std::optional<Waiting> FairQueues::pop()
{
    Queue* next = nullptr;
    for (auto& queue : m_queues) {
        if (!queue.requests.empty() && (!next || queue.virtualStart < next->virtualStart))
            next = &queue;
    }
    if (!next)
        return std::nullopt;
    auto request = std::move(next->requests.front());
    next->requests.pop_front();
    m_virtualTime = next->virtualStart;
    next->virtualStart += 1;
    --m_size;
    return request;
}

std::vector<Waiting> FairQueues::takeOlder(SteadyTime time)
{
    std::vector<Waiting> taken;
    for (auto& queue : m_queues) {
        while (!queue.requests.empty() && queue.requests.front().since < time) {
            taken.push_back(std::move(queue.requests.front()));
            queue.requests.pop_front();
            --m_size;
        }
    }
    return taken;
}

} // namespace keelson::flowcontrol
