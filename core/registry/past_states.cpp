// SPDX-License-Identifier: Apache-2.0
#include "registry/past_states.h"

#include "api/base64.h"

#include <algorithm>

namespace keelson::registry {

std::optional<ObjectTree> PastStates::find(const Kind& kind, Revision revision) const
{
    const std::scoped_lock lock(m_mutex);
    const auto state = std::ranges::find_if(
        m_states, [&](const State& one) { return one.kind.get() == &kind && one.revision == revision; });
    return state == m_states.end() ? std::nullopt : std::optional(state->objects);
}

void PastStates::remember(std::shared_ptr<const Kind> kind, Revision revision, const ObjectTree& objects)
{
    const std::scoped_lock lock(m_mutex);
    std::erase_if(m_states, [&](const State& one) { return one.kind == kind && one.revision == revision; });
    m_states.push_back({std::move(kind), revision, objects});
    if (m_states.size() > statesMax)
        m_states.pop_front();
}

/// Base64 for URLs (RFC 4648, section 5), without padding: clients paste tokens into queries as they are.
std::string ContinueToken::text() const
{
    auto text =
        api::encodeBase64(api::writeJson({{"rv", revision}, {"namespace", after.nameSpace}, {"name", after.name}}));
    text.erase(std::ranges::find(text, '='), text.end());
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

Result<ContinueToken> ContinueToken::parse(std::string_view text)
{
    constexpr std::size_t group = 4;
    std::string padded(text);
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    padded.append((group - padded.size() % group) % group, '=');
    const auto bytes = api::decodeBase64(padded);
    const auto document = bytes ? api::parseJson(*bytes) : Result<Value>(fail(Reason::BadRequest, ""));
    ContinueToken token;
    if (document) {
        token.revision = api::integerAt(*document, {"rv"});
        token.after = {std::string(api::stringAt(*document, {"namespace"})),
                       std::string(api::stringAt(*document, {"name"}))};
    }
    if ((token.revision <= 0 && token.revision != present) || token.after.name.empty())
        return fail(Reason::BadRequest, "continue key is not valid: it does not come from a list of this server");
    return token;
}

} // namespace keelson::registry
