// SPDX-License-Identifier: Apache-2.0
#include "flowcontrol/flow_controller.h"

#include "flowcontrol/fair_queues.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace keelson::flowcontrol {
namespace {

std::uint64_t hashOf(std::string_view schema, std::string_view distinguisher)
{
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    const auto feed = [&hash](std::string_view text) {
        for (const char letter : text)
            hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    };
    feed(schema);
    feed(std::string_view("\0", 1));
    feed(distinguisher);
    return hash ^ (hash >> 32);
}

} // namespace

struct FlowController::State : std::enable_shared_from_this<State> {
    struct Level {
        explicit Level(const PriorityLevel& configuration) : settings(configuration), queues(configuration) {}
        const PriorityLevel& settings;
        FairQueues queues;
        int seats = 0;    ///< Its own.
        int lendable = 0; ///< Of these.
        int inUse = 0;
        std::uint64_t served = 0;
        std::uint64_t refused = 0;
    };

    explicit State(Options given) : options(std::move(given))
    {
        int shares = 0;
        for (const auto& level : options.configuration.levels)
            shares += level.exempt ? 0 : level.shares;
        for (const auto& settings : options.configuration.levels) {
            auto& level = levels.emplace_back(settings);
            if (settings.exempt || settings.shares == 0)
                continue; // without shares: what others lend
            level.seats = std::max(1, (options.seatsMax * settings.shares + shares - 1) / shares);
            level.lendable = level.seats * settings.lendablePercent / 100;
        }
    }

    /// Its own seat, or one that nobody misses. With `mutex`.
    bool hasSeat(const Level& level) const
    {
        if (level.inUse < level.seats)
            return true;
        int taken = 0;
        for (const auto& other : levels)
            taken += &other == &level ? other.inUse : std::max(other.inUse, other.seats - other.lendable);
        return taken < options.seatsMax;
    }

    void start(Task work)
    {
        options.executor->run([self = shared_from_this(), work = std::move(work)]() mutable { work(); });
    }

    /// Of a request that has been counted.
    Seat seat(Level& level)
    {
        return {&level, [self = shared_from_this()](Level* whose) { self->finished(*whose); }};
    }

    void finished(Level& level)
    {
        std::vector<Task> next;
        {
            const std::scoped_lock lock(mutex);
            --level.inUse;
            serveWaiting(level, next); // Its own first; what it leaves is for those who borrow.
            for (auto& other : levels)
                serveWaiting(other, next);
        }
        for (auto& work : next)
            start(std::move(work));
    }

    /// With `mutex`.
    void serveWaiting(Level& level, std::vector<Task>& next)
    {
        while (level.queues.size() > 0 && hasSeat(level)) {
            auto request = level.queues.pop();
            ++level.inUse;
            ++level.served;
            next.push_back(std::move(request->start));
        }
    }

    /// With `mutex`. Comes back once a second while somebody waits.
    void watchQueues()
    {
        if (std::exchange(watching, true))
            return;
        options.loop->after(std::chrono::seconds{1}, [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->refuseOld();
        });
    }

    void refuseOld()
    {
        std::vector<Waiting> old;
        {
            const std::scoped_lock lock(mutex);
            watching = false;
            bool waiting = false;
            for (auto& level : levels) {
                auto some = level.queues.takeOlder(options.clock->steady() - options.waitMax);
                level.refused += some.size();
                std::ranges::move(some, std::back_inserter(old));
                waiting = waiting || level.queues.size() > 0;
            }
            if (waiting)
                watchQueues();
        }
        for (auto& request : old)
            request.refuse();
    }

    const Options options;
    std::mutex mutex;        ///< Guards the rest.
    std::list<Level> levels; ///< As in the configuration. Which there are, and their settings, is fixed.
    bool watching = false;
};

FlowController::FlowController(Options options) : m_state(std::make_shared<State>(std::move(options))) {}

FlowController::~FlowController() = default;

Flow FlowController::classify(const auth::User& user, const auth::Attributes& attributes) const
{
    const auto& configuration = m_state->options.configuration;
    const auto schema = std::ranges::find_if(configuration.schemas,
                                             [&](const FlowSchema& one) { return one.matches(user, attributes); });
    const auto levelNamed = [&](std::string_view name) {
        const auto found = std::ranges::find(configuration.levels, name, &PriorityLevel::name);
        return found == configuration.levels.end() ? std::size_t{0}
                                                   : static_cast<std::size_t>(found - configuration.levels.begin());
    };
    if (schema == configuration.schemas.end())
        return {nullptr, levelNamed("catch-all"), hashOf("", user.name)};
    std::string_view distinguisher;
    if (schema->distinguisher == FlowSchema::Distinguisher::ByUser)
        distinguisher = user.name;
    else if (schema->distinguisher == FlowSchema::Distinguisher::ByNamespace)
        distinguisher = attributes.nameSpace;
    return {&*schema, levelNamed(schema->level), hashOf(schema->name, distinguisher)};
}

const PriorityLevel& FlowController::level(const Flow& flow) const
{
    return m_state->options.configuration.levels.at(flow.level);
}

void FlowController::run(const Flow& flow, Work work, Task refuse)
{
    auto& state = *m_state;
    auto& level = *std::next(state.levels.begin(), static_cast<std::ptrdiff_t>(flow.level));
    if (level.settings.exempt)
        return state.options.executor->run([work = std::move(work)]() mutable { work(nullptr); });
    auto start = [&state, &level, work = std::move(work)]() mutable { work(state.seat(level)); };
    Waiting request{std::move(start), std::move(refuse), state.options.clock->steady()};
    {
        std::unique_lock lock(state.mutex);
        if (level.queues.size() == 0 && state.hasSeat(level)) {
            ++level.inUse;
            ++level.served;
            lock.unlock();
            return state.start(std::move(request.start));
        }
        if (level.queues.push(flow.hash, request))
            return state.watchQueues();
        ++level.refused;
    }
    request.refuse();
}

std::string FlowController::metricsText() const
{
    struct Family {
        std::string_view name;
        std::string_view type;
        std::string_view help;
        std::uint64_t (*value)(const State::Level&);
    };
    static constexpr std::array<Family, 4> families{{
        {"apiserver_flowcontrol_current_executing_requests", "gauge", "Requests that hold a seat.",
         [](const State::Level& level) { return static_cast<std::uint64_t>(level.inUse); }},
        {"apiserver_flowcontrol_current_inqueue_requests", "gauge", "Requests that wait for a seat.",
         [](const State::Level& level) { return static_cast<std::uint64_t>(level.queues.size()); }},
        {"apiserver_flowcontrol_dispatched_requests_total", "counter", "Requests that got a seat.",
         [](const State::Level& level) { return level.served; }},
        {"apiserver_flowcontrol_rejected_requests_total", "counter", "Requests that got none.",
         [](const State::Level& level) { return level.refused; }},
    }};
    std::string text;
    const std::scoped_lock lock(m_state->mutex);
    for (const auto& family : families) {
        text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", family.name, family.help, family.type);
        for (const auto& level : m_state->levels) {
            if (!level.settings.exempt)
                text += fmt::format("{}{{priority_level=\"{}\"}} {}\n", family.name, level.settings.name,
                                    family.value(level));
        }
    }
    return text;
}

} // namespace keelson::flowcontrol
