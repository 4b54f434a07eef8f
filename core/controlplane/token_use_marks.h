// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/secret_tokens.h"
#include "base/loop.h"
#include "client/client.h"

#include <memory>

namespace keelson::controlplane {

/// Writes on Secrets when their tokens were last used, in the label `auth::lastUsedLabel`, so that tokens that nobody
/// uses can be found. A mark that cannot be written is logged; the next use tries again.
///
/// Threads: any. `client` and `executor` outlive it and what it has queued.
class TokenUseMarks {
public:
    TokenUseMarks(client::Client& client, Executor& executor);

    /// Returns at once. Of the uses of one Secret that come while its mark is being written, the first counts.
    void mark(const auth::SecretTokens::Use& use);

private:
    struct State;
    const std::shared_ptr<State> m_state;
    Executor& m_executor;
};

} // namespace keelson::controlplane
