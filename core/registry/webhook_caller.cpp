// SPDX-License-Identifier: Apache-2.0
#include "registry/webhook_caller.h"

#include "api/codec.h"
#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

template <typename T>
Result<std::vector<webhooks::Webhook>> read(const StoredObject& stored)
{
    TRY_ASSIGN(const auto document, api::parseJson(stored.json));
    TRY_ASSIGN(const auto configuration, api::fromJson<T>(document));
    return webhooks::webhooksOf(configuration);
}

} // namespace

WebhookList::WebhookList(const WatchCache& cache, const Kind& configurations)
    : m_configurations(*cache.of(configurations)),
      m_sort(configurations.kind == api::MutatingWebhookConfiguration::kindName ? webhooks::Sort::Mutating
                                                                                : webhooks::Sort::Validating),
      m_webhooks(std::make_shared<std::vector<webhooks::Webhook>>())
{
}

webhooks::Webhooks WebhookList::all() const
{
    const auto [objects, revision] = m_configurations.snapshot();
    const std::scoped_lock lock(m_mutex);
    if (revision == m_revision)
        return m_webhooks;
    auto found = std::make_shared<std::vector<webhooks::Webhook>>();
    objects.visit(nullptr, [&](const StoredObjectPtr& stored) {
        auto some = m_sort == webhooks::Sort::Mutating ? read<api::MutatingWebhookConfiguration>(*stored)
                                                       : read<api::ValidatingWebhookConfiguration>(*stored);
        if (some)
            std::ranges::move(*some, std::back_inserter(*found));
        else
            log::error("registry", "the webhooks of {} are not asked: {}", stored->key.name, some.error().message);
        return true;
    });
    m_webhooks = std::move(found);
    m_revision = revision;
    return m_webhooks;
}

WebhookCaller::WebhookCaller(const WebhookSources& sources, webhooks::Sort sort) : m_sources(sources), m_sort(sort) {}

Result<bool> WebhookCaller::concerns(const webhooks::Webhook& webhook, const AskedWrite& write,
                                     const Admission& admission) const
{
    if (!webhooks::matches(webhook, write.request(), write.labels()))
        return false;
    if (!webhook.conditions.empty()) {
        const auto hold = webhook.conditions.hold(write.input(m_sources.authorizer), nullptr, webhook.mayFail);
        if (!hold)
            return fail(forbiddenObject(admission.kind, admission.key.name, hold.error().message));
        if (!*hold)
            return false;
    }
    if (admission.context.dryRun && webhook.sideEffects)
        return fail(Reason::BadRequest, fmt::format("admission webhook \"{}\" does not support dry run", webhook.name));
    return true;
}

Result<webhooks::Answer> WebhookCaller::call(const webhooks::Webhook& webhook, const policies::Request& request) const
{
    const auto uid = m_sources.random.uuid();
    const auto answer = m_sources.client.post(webhook.client, webhooks::reviewText(request, uid), webhook.timeout);
    if (!answer)
        return fail(answer.error().reason, fmt::format("failed to call webhook: {}", answer.error().message));
    return webhooks::readAnswer(*answer, webhook, m_sort, uid);
}

Result<std::optional<webhooks::Answer>> WebhookCaller::settle(const Asked& asked, Result<webhooks::Answer> answer,
                                                              Admission& admission) const
{
    const auto& [webhook, index] = asked;
    const auto& context = admission.context;
    if (!answer && !webhook.mayFail)
        return fail(webhooks::callFailure(webhook, answer.error().message));
    if (!answer) {
        log::warning("registry", "webhook {} fails and is passed over: {}", webhook.name, answer.error().message);
        const auto* const sort = m_sort == webhooks::Sort::Mutating ? "mutation" : "validating";
        if (context.auditAnnotations)
            context.auditAnnotations->insert_or_assign(
                fmt::format("failed-open.{}.webhook.admission.k8s.io/round_{}_index_{}", sort,
                            admission.secondRound ? 1 : 0, index),
                webhook.name);
        return std::nullopt;
    }
    for (auto& warning : answer->warnings)
        warn(context, warning);
    if (context.auditAnnotations)
        context.auditAnnotations->insert(answer->auditAnnotations.begin(), answer->auditAnnotations.end());
    if (!answer->allowed)
        return fail(std::move(answer->refusal));
    return *std::move(answer);
}

} // namespace keelson::registry
