// SPDX-License-Identifier: Apache-2.0
#include "registry/webhook_admission.h"

#include "api/patch.h"
#include "api/validation.h"
#include "registry/webhook_caller.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

namespace keelson::registry {
namespace {

const Kind& configurationKind(const api::Catalog& catalog, webhooks::Sort sort)
{
    return *catalog.find({"admissionregistration.k8s.io", "v1"}, sort == webhooks::Sort::Mutating
                                                                     ? "MutatingWebhookConfiguration"
                                                                     : "ValidatingWebhookConfiguration");
}

class MutatingWebhooks : public AdmissionStep {
public:
    explicit MutatingWebhooks(const WebhookSources& sources)
        : m_list(sources.cache, configurationKind(sources.catalog, webhooks::Sort::Mutating)),
          m_caller(sources, webhooks::Sort::Mutating)
    {
    }
    std::string_view name() const override { return "MutatingAdmissionWebhook"; }
    bool changes(const Admission& /*admission*/) const override { return !m_list.all()->empty(); }

    Result<Done> admit(Admission& admission) const override
    {
        const auto all = m_list.all();
        if (all->empty())
            return Done{};
        const auto operation = m_caller.operationOf(admission);
        for (std::size_t i = 0; operation && i < all->size(); ++i) {
            const auto& webhook = (*all)[i];
            if (isDue(webhook, admission) && m_caller.matches(webhook, *operation, admission))
                TRY_OK(askOne(webhook, *operation, admission, i));
        }
        return Done{};
    }

private:
    static std::string idOf(const webhooks::Webhook& webhook) { return webhook.configuration + "/" + webhook.name; }

    /// In the second round only who wants it and has not seen the object as it is.
    static bool isDue(const webhooks::Webhook& webhook, const Admission& admission)
    {
        if (!admission.secondRound)
            return true;
        const auto left = admission.leftByWebhook.find(idOf(webhook));
        return webhook.reinvoked && left != admission.leftByWebhook.end() && admission.object &&
               left->second != *admission.object;
    }

    Result<Done> askOne(const webhooks::Webhook& webhook, const webhooks::Operation& operation, Admission& admission,
                        std::size_t index) const
    {
        TRY_ASSIGN(const auto answer, m_caller.ask(webhook, operation, admission, index));
        if (answer && answer->patch && admission.object)
            TRY_OK(patch(webhook, *answer->patch, admission));
        if (admission.object)
            admission.leftByWebhook[idOf(webhook)] = *admission.object;
        return Done{};
    }

    static Result<Done> patch(const webhooks::Webhook& webhook, const Value& patch, Admission& admission)
    {
        auto& object = *admission.object;
        const auto refuse = [&](const Error& error) {
            return fail(webhooks::callFailure(webhook, "its patch cannot be applied: " + error.message));
        };
        auto patched = api::applyJsonPatch(object, patch);
        if (!patched)
            return refuse(patched.error());
        if (keyOf(*patched) != admission.key)
            return refuse(makeError(Reason::Invalid, "it names another object"));
        (void)api::prune(admission.kind, *patched);
        if (const auto typed = api::checkTypes(admission.kind, *patched); !typed)
            return refuse(typed.error());
        keepServerMembers(admission.kind, admission.subresource, *patched, object);
        api::applyDefaults(admission.kind, *patched);
        api::normalize(admission.kind, *patched);
        if (*patched == object)
            return Done{};
        object = *std::move(patched);
        admission.admitAgain = true;
        return Done{};
    }

    const WebhookList m_list;
    const WebhookCaller m_caller;
};

class ValidatingWebhooks : public AdmissionStep {
public:
    explicit ValidatingWebhooks(const WebhookSources& sources)
        : m_list(sources.cache, configurationKind(sources.catalog, webhooks::Sort::Validating)),
          m_caller(sources, webhooks::Sort::Validating)
    {
    }
    std::string_view name() const override { return "ValidatingAdmissionWebhook"; }

    Result<Done> check(Admission& admission) const override
    {
        const auto all = m_list.all();
        if (all->empty())
            return Done{};
        const auto operation = m_caller.operationOf(admission);
        for (std::size_t i = 0; operation && i < all->size(); ++i) {
            if (m_caller.matches((*all)[i], *operation, admission))
                TRY_OK(m_caller.ask((*all)[i], *operation, admission, i));
        }
        return Done{};
    }

private:
    const WebhookList m_list;
    const WebhookCaller m_caller;
};

class WebhookConditions : public AdmissionStep {
public:
    explicit WebhookConditions(const api::Catalog& catalog)
        : m_mutating(configurationKind(catalog, webhooks::Sort::Mutating)),
          m_validating(configurationKind(catalog, webhooks::Sort::Validating))
    {
    }
    std::string_view name() const override { return "WebhookConditions"; }

    Result<Done> check(Admission& admission) const override
    {
        const auto& kind = admission.kind;
        if (!admission.object || (&kind != &m_mutating && &kind != &m_validating))
            return Done{};
        const auto* const webhooks = api::find(*admission.object, {"webhooks"});
        if (!webhooks || !webhooks->is_array())
            return Done{};
        std::vector<Cause> causes;
        for (std::size_t i = 0; i < webhooks->get_array().size(); ++i) {
            const auto* const conditions = api::find(webhooks->get_array()[i], {"matchConditions"});
            if (conditions && conditions->is_array() && !conditions->get_array().empty())
                causes.push_back({"FieldValueForbidden",
                                  "Forbidden: this server does not evaluate match conditions; use rules and selectors",
                                  fmt::format("webhooks[{}].matchConditions", i)});
        }
        if (causes.empty())
            return Done{};
        return fail(api::invalidError(kind, admission.key.name, std::move(causes)));
    }

private:
    const Kind& m_mutating;
    const Kind& m_validating;
};

} // namespace

std::unique_ptr<AdmissionStep> mutatingWebhooks(const WebhookSources& sources)
{
    return std::make_unique<MutatingWebhooks>(sources);
}

std::unique_ptr<AdmissionStep> validatingWebhooks(const WebhookSources& sources)
{
    return std::make_unique<ValidatingWebhooks>(sources);
}

std::unique_ptr<AdmissionStep> webhookConditions(const api::Catalog& catalog)
{
    return std::make_unique<WebhookConditions>(catalog);
}

} // namespace keelson::registry
