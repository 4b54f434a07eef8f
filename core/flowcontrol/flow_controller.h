// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/loop.h"
#include "flowcontrol/flow_configuration.h"

#include <cstdint>
#include <memory>
#include <string>

namespace keelson::flowcontrol {

/// Where a request belongs.
struct Flow {
    const FlowSchema* schema = nullptr; ///< Null: no schema matches; it is served as the least important.
    std::size_t level = 0;
    std::uint64_t hash = 0; ///< Of the schema and what it tells flows apart by.
};

/// Gives requests of each priority level their share of the seats, and of each flow in a level its turn.
///
/// A level always has its own seats; beyond them it borrows what others lend and do not use. Exempt levels are served
/// at once. Threads: any.
class FlowController {
public:
    struct Options {
        FlowConfiguration configuration = FlowConfiguration::builtIn();
        int seatsMax = 48; ///< Requests of all limited levels at once. Borrowed seats may pass it for a moment.
        Duration waitMax = std::chrono::seconds{15}; ///< In a queue.
        const Clock* clock = nullptr;                ///< These three outlive the controller and what it runs.
        Executor* executor = nullptr;
        Loop* loop = nullptr; ///< For who has waited too long.
    };

    explicit FlowController(Options options);
    ~FlowController();

    Flow classify(const auth::User& user, const auth::Attributes& attributes) const;
    const PriorityLevel& level(const Flow& flow) const;

    /// Takes the seat of a request until it ends. Null where seats are not counted.
    using Seat = std::shared_ptr<void>;
    using Work = std::move_only_function<void(Seat)>;
    /// Runs `work` on the executor as soon as its level has a seat for it. `refuse` runs instead when nothing may wait
    /// any more (inside this call) or when it has waited too long (on the loop).
    void run(const Flow& flow, Work work, Task refuse);

    /// Prometheus' text form: seats in use, requests waiting and requests refused, by priority level.
    std::string metricsText() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace keelson::flowcontrol
