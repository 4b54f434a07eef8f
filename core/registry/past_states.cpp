// SPDX-License-Identifier: Apache-2.0
#include "registry/past_states.h"

#include "api/base64.h"

#include <algorithm>

namespace keelson::registry {

std::optional<ObjectTree> PastStates::find(const Kind& kind, Revision revision) const
{
    const std::scoped_lock lock(m_mutex);
    const auto state =
        std::ranges::find_if(m_states, [&](const State& one) { return one.kind == &kind && one.revision == revision; });
    return state == m_states.end() ? std::nullopt : std::optional(state->objects);
}

void PastStates::remember(const Kind& kind, Revision revision, const ObjectTree& objects)
{
    const std::scoped_lock lock(m_mutex);
    std::erase_if(m_states, [&](const State& one) { return one.kind == &kind && one.revision == revision; });
    m_states.push_back({&kind, revision, objects});
    if (m_states.size() > statesMax)
        m_states.pop_front();
}

std::string ContinueToken::text() const
{
    return api::encodeBase64(api::writeJson({{"rv", revision}, {"namespace", after.nameSpace}, {"name", after.name}}));
}

Result<ContinueToken> ContinueToken::parse(std::string_view text)
{
    const auto bytes = api::decodeBase64(text);
    const auto document = bytes ? api::parseJson(*bytes) : Result<Value>(fail(Reason::BadRequest, ""));
    ContinueToken token;
    if (document) {
        token.revision = api::integerAt(*document, {"rv"});
        token.after = {std::string(api::stringAt(*document, {"namespace"})),
                       std::string(api::stringAt(*document, {"name"}))};
    }
    if (token.revision <= 0 || token.after.name.empty())
        return fail(Reason::BadRequest, "continue key is not valid: it does not come from a list of this server");
    return token;
}

} // namespace keelson::registry
