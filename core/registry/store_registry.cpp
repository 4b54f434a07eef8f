// SPDX-License-Identifier: Apache-2.0
#include "registry/store_registry.h"

#include "api/conversion.h"
#include "api/json_text.h"
#include "api/validation.h"
#include "api/warnings.h"
#include "customresources/custom_kind.h"
#include "customresources/definition_rules.h"
#include "policies/written_policies.h"
#include "registry/admission_order.h"
#include "registry/converting_registry.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace keelson::registry {
namespace {

/// The largest object, encoded (as etcd's limit on a request, which clients know).
constexpr std::size_t objectBytesMax = std::size_t{3} * 512 * 1024;

/// Says what is hardly meant, unless it was so before.
void warnAbout(const Kind& kind, const Value& object, const Value* before, const WriteContext& context)
{
    auto found = api::warningsAbout(kind, object);
    const auto known = before && !found.empty() ? api::warningsAbout(kind, *before) : std::vector<std::string>{};
    for (auto& text : found)
        if (std::ranges::find(known, text) == known.end())
            warn(context, std::move(text));
}

} // namespace

StoreRegistry::StoreRegistry(store::Store& store, const api::Catalog& catalog, const Clock& clock, Random& random,
                             AddressRange services, const RegistryOptions& options)
    : m_store(store),
      m_catalog(catalog),
      m_clock(clock),
      m_random(random),
      m_services(*catalog.find({"", "v1"}, "Service")),
      m_roles(options.roles),
      m_authorizer(options.authorizer),
      m_podSecurity(options.podSecurity),
      m_observer(options.observer),
      m_post(options.post),
      m_executor(options.executor),
      m_addresses(services, random),
      m_quotas(catalog)
{
}

Result<Done> StoreRegistry::start()
{
    const auto document = [](const StoredObjectPtr& object) {
        return object ? api::parseJson(object->json).value_or(Value{}) : Value{};
    };
    TRY_ASSIGN(m_cache, WatchCache::start(m_store, m_catalog, m_clock,
                                          [this, document](const Kind& kind, const auto& before, const auto& after) {
                                              m_quotas.changed(kind, before, after);
                                              if (&kind != &m_services)
                                                  return;
                                              const auto was = document(before);
                                              const auto is = document(after);
                                              m_addresses.changed(before ? &was : nullptr, after ? &is : nullptr);
                                          },
                                          {.post =
                                               [this](const Value& client, const std::string& text) {
                                                   return m_webhooks->postConversion(client, text);
                                               },
                                           .newUid = [this] { return m_random.uuid(); }}));
    m_webhooks = std::make_unique<WebhookClient>(*m_cache, m_catalog, m_random, m_post);
    m_quotas.start(*m_cache);
    m_admission = admissionSteps({.cache = *m_cache,
                                  .catalog = m_catalog,
                                  .clock = m_clock,
                                  .random = m_random,
                                  .roles = m_roles,
                                  .quotas = m_quotas,
                                  .webhooks = *m_webhooks,
                                  .authorizer = m_authorizer,
                                  .podSecurity = m_podSecurity});
    m_addressing = m_addresses.step();
    return Done{};
}

Result<StoreRegistry::Present> StoreRegistry::present(const Kind& kind, const ObjectKey& key) const
{
    TRY_ASSIGN(auto resource, resourceOf(kind));
    auto object = resource.cache->find(key);
    Present present{std::move(resource.kind), std::move(resource.cache), std::move(object), {}, {}};
    if (!present.object)
        return fail(notFound(kind, key.name));
    present.managedFields = api::managedFieldsIn(present.object->json);
    TRY_ASSIGN(present.document, api::parseJson(api::withoutManagedFields(present.object->json)));
    api::objectAt(present.document, {"metadata"}).stable_erase("resourceVersion");
    TRY_ASSIGN(present.document, api::convert(std::move(present.document), *present.kind));
    return present;
}

Result<Done> StoreRegistry::admit(Change& change, const WriteContext& context, AdmissionPhase phase, Verb verb,
                                  std::string_view subresource, const Value* before)
{
    Admission admission{.context = context,
                        .verb = verb,
                        .kind = *change.kind,
                        .key = change.key,
                        .subresource = subresource,
                        .object = verb == Verb::Delete ? nullptr : &change.object,
                        .before = before,
                        .expectations = change.expectations,
                        .holds = change.holds,
                        .refusals = change.refusals};
    const auto began = m_clock.steady();
    const bool asked = context.evicts || subresource == "binding"; // webhooks and policies, with what was sent
    std::optional<Value> known;
    const auto run = [&]() -> Result<Done> {
        for (const auto& step : m_admission) {
            if (!asked || !step->isConfigured())
                TRY_OK(admitBy(*step, change, admission, phase, known));
        }
        return Done{};
    };
    TRY_OK(run());
    if (std::exchange(admission.admitAgain, false)) {
        admission.secondRound = true;
        TRY_OK(run());
    }
    TRY_OK(admitBy(*m_addressing, change, admission, phase, known));
    change.admission += m_clock.steady() - began;
    change.subresource = subresource;
    return Done{};
}

Result<Done> StoreRegistry::admitSent(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                      std::string_view subresource, Verb verb, Value& sent) const
{
    std::vector<store::Expectation> expectations;
    std::vector<std::shared_ptr<void>> holds;
    std::vector<Cause> refusals;
    Admission admission{.context = context,
                        .verb = verb,
                        .kind = kind,
                        .key = key,
                        .subresource = subresource,
                        .sent = &sent,
                        .expectations = expectations,
                        .holds = holds,
                        .refusals = refusals};
    for (const AdmissionPhase phase : {&AdmissionStep::admit, &AdmissionStep::check}) {
        for (const auto& step : m_admission) {
            if (step->isConfigured())
                TRY_OK(((*step).*phase)(admission));
        }
    }
    return Done{};
}

/// One step, with what it changed where somebody wants to know. `known`: the object as the steps before left it, copied
/// when the first of them begins that may change it.
Result<Done> StoreRegistry::admitBy(const AdmissionStep& step, Change& change, Admission& admission,
                                    AdmissionPhase phase, std::optional<Value>& known) const
{
    if (!m_observer || phase != &AdmissionStep::admit || !admission.object || !step.changes(admission))
        return (step.*phase)(admission);
    if (!known)
        known = change.object;
    TRY_OK(step.admit(admission));
    if (auto changes = followChanges(*known, change.object); !changes.empty())
        change.mutations.push_back({std::string(step.name()), std::move(changes)});
    return Done{};
}

Result<Done> StoreRegistry::track(Change& change, const WriteContext& context, const Present* before,
                                  const Tracking& tracking) const
{
    if (tracking.decided) {
        change.managedFields = *tracking.decided;
        return Done{};
    }
    const auto& fields = change.cache->fields();
    const fieldmanager::Writer writer{context.fieldManager, tracking.subresource, m_clock.wall(),
                                      context.version ? context.version : change.kind.get()};
    if (before) {
        const auto start = fields.startingFrom(before->managedFields, tracking.sent);
        TRY_ASSIGN(change.managedFields, fields.updated(before->document, change.object, start, writer));
    } else {
        TRY_ASSIGN(change.managedFields, fields.created(change.object, tracking.sent, writer));
    }
    return Done{};
}

Result<Done> StoreRegistry::complete(Change& change, const WriteContext& context, std::string_view subresource,
                                     const Present* before, const Tracking& tracking)
{
    const auto& kind = *change.kind;
    const auto* const was = before ? &before->document : nullptr;
    TRY_OK(completeFields(kind, change.object));
    api::normalize(kind, change.object);
    TRY_OK(track(change, context, before, tracking)); // What the server and admission add is nobody's.
    if (!before)
        addServerMembers(kind, change.object);
    const auto verb = before ? Verb::Update : Verb::Create;
    // A write by scale is stored as one of the object, but admission sees what was sent.
    const auto asked = tracking.subresource == "scale" ? std::string_view(tracking.subresource) : subresource;
    TRY_OK(admit(change, context, &AdmissionStep::admit, verb, asked, was));
    if (!before)
        settleNew(kind, change.object);
    if (context.approve)
        TRY_OK(context.approve(change.object, was));
    api::normalize(kind, change.object); // What is stored is normal too: rules of updates compare the two.
    auto causes = std::exchange(change.refusals, {});
    const auto add = [&causes](std::vector<Cause> found) {
        std::erase_if(found, [&](const Cause& cause) { // it has been said, by who knows more of it
            return std::ranges::find(causes, cause.field, &Cause::field) != causes.end();
        });
        causes.insert(causes.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    };
    const bool addsContainers = subresource == "ephemeralcontainers"; // By which nothing else changes.
    add(addsContainers ? api::validate(kind, change.object) : api::validateWrite(kind, change.object, was));
    if (isCoreKind(kind, "Pod") && (!was || addsContainers))
        add(checkEphemeralContainers(change.object, was));
    if (policies::isOfAdmission(kind))
        add(policies::checkWritten(kind, change.object));
    if (context.version)
        add(context.version->conversion->check(change.object, was));
    if (causes.empty() && customresources::isDefinitionKind(kind))
        causes = customresources::checkDefinition(change.object, was);
    if (!causes.empty())
        return fail(api::invalidError(kind, change.key.name, std::move(causes)));
    TRY_OK(admit(change, context, &AdmissionStep::check, verb, asked, was));
    if (context.warnings && asked.empty())
        warnAbout(kind, change.object, was, context);
    change.subresource = subresource;
    change.effect = Change::Effect::Put;
    return Done{};
}

/// Makes the object one of the version that is stored, and the bytes of it.
Result<Done> StoreRegistry::store(Change& change)
{
    TRY_ASSIGN(change.object, api::convert(std::move(change.object), change.cache->kind()));
    change.stored = change.cache->codec().encode(change.object, change.managedFields);
    return Done{};
}

/// The object as it stands after the change at `revision`, in the version that is stored.
Result<StoredObjectPtr> StoreRegistry::shown(const Change& change, Revision revision) const
{
    const auto& codec = change.cache->codec();
    if (change.effect == Change::Effect::Nothing)
        return change.before;
    if (change.effect == Change::Effect::Remove && !change.isUpdate)
        return codec.withRevision(*change.before, revision);
    const bool committed = !change.before || change.before->revision != revision; // A dry run keeps the revision.
    if (auto object = change.cache->find(change.key); committed && object && object->revision == revision)
        return object;
    auto object = codec.draft(change.object); // dry run, or overwritten already
    codec.finish(*object, codec.encode(change.object, change.managedFields), revision);
    return object;
}

void StoreRegistry::tell(const WriteContext& context, const Change& change, const StoredObjectPtr& object,
                         SteadyTime submitted) const
{
    m_observer->written({.context = context,
                         .kind = change.cache->kind(),
                         .subresource = change.subresource,
                         .before = change.before.get(),
                         .object = object.get(),
                         .document = change.object,
                         .removed = change.effect == Change::Effect::Remove,
                         .mutations = change.mutations,
                         .planned = change.planned,
                         .admission = change.admission,
                         .submitted = submitted,
                         .committed = m_clock.steady()});
}

StoreRegistry::Batch::Batch(const WriteContext& writer, std::size_t count, const Plan& how, SteadyTime start)
    : context(writer), plan(how), began(start), results(count), open(count)
{
    std::iota(open.begin(), open.end(), std::size_t{0});
}

/// Plans a write of the batch; no result: its change is to be committed.
std::optional<StoreRegistry::Written> StoreRegistry::planOne(Batch& batch, std::size_t index)
{
    const auto began = m_clock.steady();
    auto planned = batch.plan(index);
    if (!planned)
        return Written{fail(std::move(planned).error()), false};
    auto& change = *planned;
    change.planned = began;
    change.storeKey = storeKey(change.cache->kind(), change.key);
    const bool isShown = change.effect == Change::Effect::Remove && change.isUpdate;
    if (change.effect == Change::Effect::Put || isShown) {
        if (auto stored = store(change); !stored)
            return Written{fail(std::move(stored).error()), false};
    }
    if (change.stored.size() > objectBytesMax)
        return Written{
            fail(Reason::RequestEntityTooLarge, fmt::format("{} \"{}\" is too large: {} bytes; at most {} are allowed",
                                                            change.cache->kind().resourceName(), change.key.name,
                                                            change.stored.size(), objectBytesMax)),
            false};
    if (batch.context.dryRun || change.effect == Change::Effect::Nothing)
        return Written{shown(change, change.before ? change.before->revision : 0),
                       change.effect == Change::Effect::Remove};
    batch.changes.emplace_back(index, std::move(change));
    return std::nullopt;
}

bool StoreRegistry::planOpen(Batch& batch)
{
    const bool anew = !batch.changes.empty();
    if (anew && m_clock.steady() - batch.began >= writeTimeMax)
        return false;
    batch.changes.clear();
    for (const auto index : batch.open)
        batch.results[index] = planOne(batch, index);
    batch.open.clear();
    return !batch.changes.empty();
}

std::vector<store::Transaction> StoreRegistry::transactionsOf(Batch& batch)
{
    batch.submitted = m_clock.steady();
    std::vector<store::Transaction> transactions;
    transactions.reserve(batch.changes.size());
    for (auto& [index, change] : batch.changes) {
        store::Transaction transaction;
        transaction.expectations = change.expectations;
        transaction.expectations.push_back({change.storeKey, change.before ? change.before->revision : 0});
        if (change.effect == Change::Effect::Put) {
            if (!change.cache->kind().custom) // Those are read by each version, when they are stored.
                m_cache->announce(change.storeKey, change.stored, change.cache->codec().draft(change.object));
            transaction.operations.push_back({store::Operation::Type::Put, change.storeKey, change.stored});
        } else {
            transaction.operations.push_back({store::Operation::Type::Delete, change.storeKey, {}});
        }
        transactions.push_back(std::move(transaction));
    }
    return transactions;
}

/// Changes that met another write have no result, stay in the batch and are open again.
void StoreRegistry::settle(Batch& batch, std::vector<Result<Revision>> committed)
{
    std::vector<std::pair<std::size_t, Change>> raced;
    for (std::size_t i = 0; i < batch.changes.size(); ++i) {
        auto& [index, change] = batch.changes[i];
        const auto removed = change.effect == Change::Effect::Remove;
        if (committed[i]) {
            batch.results[index] = Written{shown(change, *committed[i]), removed};
            if (const auto& object = batch.results[index]->object; m_observer && object)
                tell(batch.context, change, *object, batch.submitted);
            continue;
        }
        m_cache->forget(change.storeKey);
        if (committed[i].error().reason == Reason::Conflict) {
            batch.open.push_back(index);
            raced.push_back(std::move(batch.changes[i]));
        } else {
            batch.results[index] = Written{fail(std::move(committed[i]).error()), false};
        }
    }
    batch.changes = std::move(raced);
}

std::vector<StoreRegistry::Written> StoreRegistry::resultsOf(Batch& batch)
{
    for (const auto& [index, change] : batch.changes)
        batch.results[index] = Written{fail(overdueError()), false};
    batch.changes.clear(); // what they hold ends before anybody is answered
    std::vector<Written> written;
    written.reserve(batch.results.size());
    for (auto& result : batch.results)
        written.push_back(*std::move(result));
    return written;
}

std::vector<StoreRegistry::Written> StoreRegistry::writeEach(const WriteContext& context, std::size_t count,
                                                             const Plan& plan)
{
    Batch batch(context, count, plan, m_clock.steady());
    while (!batch.open.empty() && planOpen(batch))
        settle(batch, m_store.commitEach(transactionsOf(batch)));
    return resultsOf(batch);
}

StoreRegistry::Written StoreRegistry::write(const WriteContext& context, const Plan& plan)
{
    return std::move(writeEach(context, 1, plan).front());
}

/// A write that nobody waits for.
struct StoreRegistry::Submitted {
    Submitted(ObjectWrite what, Answer told) : answer(std::move(told)), write(std::move(what)) {}

    Answer answer; ///< Ends last: what the write refers to may end with it.
    const ObjectWrite write;
    Plan plan;                  ///< Refers to `write`,
    std::optional<Batch> batch; ///< and this to both.
};

Result<StoreRegistry::Plan> StoreRegistry::planOf(const ObjectWrite& write)
{
    switch (write.verb) {
    case ObjectWrite::Verb::Create:
        return [this, &write](std::size_t) {
            return planNamed(write.context, write.kind, write.key.nameSpace, write.document);
        };
    case ObjectWrite::Verb::Update:
        return updatePlan(write.context, write.kind, write.key, write.subresource, write.document);
    case ObjectWrite::Verb::Patch:
        break;
    }
    return patchPlan(write.context, write.kind, write.key, write.subresource, write.patchType, write.document);
}

void StoreRegistry::submit(ObjectWrite write, Answer answer)
{
    const auto submitted = std::make_shared<Submitted>(std::move(write), std::move(answer));
    auto plan = planOf(submitted->write);
    if (!plan)
        return submitted->answer(fail(std::move(plan).error()));
    submitted->plan = *std::move(plan);
    submitted->batch.emplace(submitted->write.context, 1, submitted->plan, m_clock.steady());
    carryOn(submitted);
}

void StoreRegistry::carryOn(const std::shared_ptr<Submitted>& submitted)
{
    const auto finish = [](Submitted& one) { one.answer(std::move(resultsOf(*one.batch).front().object)); };
    if (!planOpen(*submitted->batch))
        return finish(*submitted);
    m_store.commitEach(transactionsOf(*submitted->batch), [this, submitted, finish](auto committed) {
        settle(*submitted->batch, std::move(committed));
        if (submitted->batch->open.empty())
            finish(*submitted);
        else if (m_executor)
            m_executor->run([this, submitted] { carryOn(submitted); });
        else
            carryOn(submitted);
    });
}

Result<std::unique_ptr<Registry>> makeRegistry(store::Store& store, const api::Catalog& catalog, const Clock& clock,
                                               Random& random, const RegistryOptions& options)
{
    TRY_ASSIGN(const auto range, AddressRange::parse(options.serviceCidr));
    auto registry = std::make_unique<StoreRegistry>(store, catalog, clock, random, range, options);
    TRY_OK(registry->start());
    return convertVersions(std::move(registry), clock, options.executor);
}

} // namespace keelson::registry
