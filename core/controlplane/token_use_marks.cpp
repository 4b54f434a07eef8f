// SPDX-License-Identifier: Apache-2.0
#include "controlplane/token_use_marks.h"

#include "api/catalog.h"
#include "api/core_v1.h"
#include "base/log.h"

#include <mutex>
#include <set>

namespace keelson::controlplane {

struct TokenUseMarks::State {
    explicit State(client::Client& ours) : client(ours) {}

    client::Client& client;
    std::mutex mutex;
    std::set<std::string> underWay; ///< Uids of Secrets.
};

TokenUseMarks::TokenUseMarks(client::Client& client, Executor& executor)
    : m_state(std::make_shared<State>(client)), m_executor(executor)
{
}

void TokenUseMarks::mark(const auth::SecretTokens::Use& use)
{
    {
        const std::scoped_lock lock(m_state->mutex);
        if (!m_state->underWay.insert(use.uid).second)
            return;
    }
    m_executor.run([state = m_state, use] {
        const api::Value patch{
            {"metadata", {{"uid", use.uid}, {"labels", {{auth::lastUsedLabel, use.day}}}}}}; // not of another Secret
        const auto marked = state->client.patch(api::kindOf<api::Secret>(), use.secret, api::PatchType::Merge, patch);
        if (!marked)
            log::warning("auth", "the last use of the token in the secret {} cannot be marked: {}", use.secret.text(),
                         marked.error().message);
        const std::scoped_lock lock(state->mutex);
        state->underWay.erase(use.uid);
    });
}

} // namespace keelson::controlplane
