// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/status_writer.h"

namespace keelson::dispatcher {
namespace {

constexpr std::size_t batchMax = 512;

} // namespace

StatusWriter::StatusWriter(client::Client& client, Loop& loop, Executor& executor, const api::Kind& kind)
    : m_client(client), m_loop(loop), m_executor(executor), m_kind(kind)
{
}

void StatusWriter::write(const api::ObjectKey& key, api::Value object, Done done)
{
    auto& pending = m_state->pending[key];
    pending.object = std::move(object);
    pending.waiting.push_back(std::move(done));
    flush(m_state, m_client, m_loop, m_executor, m_kind);
}

void StatusWriter::flush(const std::shared_ptr<State>& state, client::Client& client, Loop& loop, Executor& executor,
                         const api::Kind& kind)
{
    if (state->writing || state->pending.empty())
        return;
    state->writing = true;
    std::vector<api::Value> objects;
    std::vector<std::vector<Done>> waiting;
    while (!state->pending.empty() && objects.size() < batchMax) {
        auto first = state->pending.extract(state->pending.begin());
        objects.push_back(std::move(first.mapped().object));
        waiting.push_back(std::move(first.mapped().waiting));
    }
    executor.run([weak = std::weak_ptr(state), &client, &loop, &executor, &kind, objects = std::move(objects),
                  waiting = std::move(waiting)]() mutable {
        auto results = client.updateStatusEach(kind, std::move(objects));
        loop.post([weak, &client, &loop, &executor, &kind, results = std::move(results), waiting = std::move(waiting)] {
            const auto alive = weak.lock();
            if (!alive)
                return;
            for (std::size_t i = 0; i < waiting.size(); ++i) {
                const auto result = results[i] ? Result<keelson::Done>(keelson::Done{}) : fail(results[i].error());
                for (const auto& done : waiting[i])
                    done(result);
            }
            alive->writing = false;
            flush(alive, client, loop, executor, kind);
        });
    });
}

} // namespace keelson::dispatcher
