// SPDX-License-Identifier: Apache-2.0
#include "registry/webhook_admission.h"

#include "api/patch.h"
#include "api/validation.h"
#include "policies/written_policies.h"
#include "registry/scale_document.h"
#include "registry/webhook_caller.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

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
        : m_cache(sources.cache),
          m_list(sources.cache, configurationKind(sources.catalog, webhooks::Sort::Mutating)),
          m_caller(sources, webhooks::Sort::Mutating)
    {
    }
    std::string_view name() const override { return "MutatingAdmissionWebhook"; }
    bool isConfigured() const override { return !m_list.all()->empty(); }
    bool changes(const Admission& /*admission*/) const override { return isConfigured(); }

    Result<Done> admit(Admission& admission) const override
    {
        const auto all = m_list.all();
        if (all->empty() || policies::isOfAdmission(admission.kind))
            return Done{};
        AskedWrite write(m_cache, admission);
        for (std::size_t i = 0; i < all->size(); ++i) {
            const auto& webhook = (*all)[i];
            if (!isDue(webhook, admission))
                continue;
            TRY_ASSIGN(const bool concerned, m_caller.concerns(webhook, write, admission));
            if (concerned)
                TRY_OK(askOne(webhook, write, admission, i));
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

    Result<Done> askOne(const webhooks::Webhook& webhook, AskedWrite& write, Admission& admission,
                        std::size_t index) const
    {
        const WebhookCaller::Asked asked{webhook, index};
        TRY_ASSIGN(const auto answer, m_caller.settle(asked, m_caller.call(webhook, write.request()), admission));
        bool mutated = false;
        const bool patches = answer && answer->patch && write.request().object;
        if (patches) {
            TRY_ASSIGN(mutated, patch(webhook, *answer->patch, write, admission));
            write.refresh();
        }
        if (answer)
            note(asked, admission, mutated, patches ? &*answer->patch : nullptr);
        if (admission.object)
            admission.leftByWebhook[idOf(webhook)] = *admission.object;
        return Done{};
    }

    /// For the audit log: who was asked and whether it changed anything; the patch itself where bodies stand in the
    /// log.
    static void note(const WebhookCaller::Asked& asked, const Admission& admission, bool mutated, const Value* patch)
    {
        auto* const notes = admission.context.auditAnnotations;
        if (!notes)
            return;
        const auto place =
            fmt::format("webhook.admission.k8s.io/round_{}_index_{}", admission.secondRound ? 1 : 0, asked.index);
        const api::Object who{{"configuration", asked.webhook.configuration}, {"webhook", asked.webhook.name}};
        auto said = who;
        said["mutated"] = mutated;
        notes->insert_or_assign("mutation." + place, api::writeJson(said));
        if (!patch || !admission.context.auditsBodies)
            return;
        said = who;
        said["patch"] = *patch;
        said["patchType"] = "JSONPatch";
        notes->insert_or_assign("patch." + place, api::writeJson(said));
    }

    /// Changes what was asked about: the object, or what stands for it. Whether it is another then.
    static Result<bool> patch(const webhooks::Webhook& webhook, const Value& patch, const AskedWrite& write,
                              Admission& admission)
    {
        const auto refuse = [&](const Error& error) {
            return fail(webhooks::callFailure(webhook, "its patch cannot be applied: " + error.message));
        };
        auto patched = api::applyJsonPatch(*write.request().object, patch);
        if (!patched)
            return refuse(patched.error());
        if (keyOf(*patched) != keyOf(*write.request().object))
            return refuse(makeError(Reason::Invalid, "it names another object"));
        if (admission.sent)
            return std::exchange(*admission.sent, *patched) != *patched;
        const auto changed = store(admission, *std::move(patched));
        return changed ? changed : refuse(changed.error());
    }

    static Result<bool> store(Admission& admission, Value patched)
    {
        auto& object = *admission.object;
        if (admission.subresource == "scale") {
            auto scaled = object;
            TRY_OK(setScale(admission.kind, patched, scaled));
            patched = std::move(scaled);
        }
        (void)api::prune(admission.kind, patched);
        TRY_OK(api::checkTypes(admission.kind, patched));
        keepServerMembers(admission.kind, admission.subresource, patched, object);
        api::applyDefaults(admission.kind, patched);
        api::normalize(admission.kind, patched);
        if (patched == object)
            return false;
        object = std::move(patched);
        admission.admitAgain = true;
        return true;
    }

    const WatchCache& m_cache;
    const WebhookList m_list;
    const WebhookCaller m_caller;
};

class ValidatingWebhooks : public AdmissionStep {
public:
    explicit ValidatingWebhooks(const WebhookSources& sources)
        : m_cache(sources.cache),
          m_list(sources.cache, configurationKind(sources.catalog, webhooks::Sort::Validating)),
          m_caller(sources, webhooks::Sort::Validating)
    {
    }
    std::string_view name() const override { return "ValidatingAdmissionWebhook"; }

    bool isConfigured() const override { return !m_list.all()->empty(); }

    Result<Done> check(Admission& admission) const override
    {
        const auto all = m_list.all();
        if (all->empty() || policies::isOfAdmission(admission.kind))
            return Done{};
        const AskedWrite write(m_cache, admission);
        std::vector<WebhookCaller::Asked> concerned;
        for (std::size_t i = 0; i < all->size(); ++i) {
            TRY_ASSIGN(const bool one, m_caller.concerns((*all)[i], write, admission));
            if (one)
                concerned.push_back({(*all)[i], i});
        }
        return askTogether(concerned, write.request(), admission);
    }

private:
    /// Each waits on a thread of its own, but for the last, which waits here.
    Result<Done> askTogether(std::span<const WebhookCaller::Asked> asked, const policies::Request& request,
                             Admission& admission) const
    {
        for (; !asked.empty(); asked = asked.subspan(std::min(asked.size(), askedAtOnceMax))) {
            const auto some = asked.first(std::min(asked.size(), askedAtOnceMax));
            std::vector<std::future<Result<webhooks::Answer>>> waiting;
            for (const auto& each : some.first(some.size() - 1))
                waiting.push_back(std::async(std::launch::async, [&] { return m_caller.call(each.webhook, request); }));
            std::vector<Result<webhooks::Answer>> answers;
            auto last = m_caller.call(some.back().webhook, request);
            for (auto& one : waiting)
                answers.push_back(one.get());
            answers.push_back(std::move(last));
            for (std::size_t i = 0; i < some.size(); ++i)
                TRY_OK(m_caller.settle(some[i], std::move(answers[i]), admission));
        }
        return Done{};
    }

    static constexpr std::size_t askedAtOnceMax = 32;

    const WatchCache& m_cache;
    const WebhookList m_list;
    const WebhookCaller m_caller;
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

} // namespace keelson::registry
