// SPDX-License-Identifier: Apache-2.0
#include "registry/converting_registry.h"

#include "api/conversion.h"
#include "api/validation.h"
#include "registry/converting_watch.h"
#include "registry/write_rules.h"

#include <algorithm>

namespace keelson::registry {
namespace {

using api::isShownConverted;

/// Writes of built-in kinds are converted before they are made, so that all rules are those of one version.
bool isWrittenConverted(const Kind& kind)
{
    return kind.storedAs && !kind.custom;
}

Result<StoredObjectPtr> shownAs(const Kind& kind, Result<StoredObjectPtr> stored)
{
    return stored && isShownConverted(kind) ? VersionView(kind).show(*std::move(stored)) : std::move(stored);
}

std::vector<Result<StoredObjectPtr>> shownAs(const Kind& kind, std::vector<Result<StoredObjectPtr>> stored)
{
    if (isShownConverted(kind)) {
        for (auto& one : stored)
            one = shownAs(kind, std::move(one));
    }
    return stored;
}

Result<ObjectList> shownAs(const Kind& kind, Result<ObjectList> list)
{
    if (!list)
        return list;
    TRY_ASSIGN(list->objects, VersionView(kind).showEach(std::move(list->objects)));
    return list;
}

/// Whether the selector asks for fields that other versions may keep elsewhere.
bool selectsByContent(const api::FieldSelector& fields)
{
    return std::ranges::any_of(fields.requirements(), [](const api::FieldSelector::Requirement& requirement) {
        return requirement.field != "metadata.name" && requirement.field != "metadata.namespace";
    });
}

/// How the stored version is written for who writes in that of the kind, whose document was decoded already.
WriteContext storedContext(const WriteContext& context, const Kind& kind)
{
    auto converted = context;
    converted.version = &kind;
    converted.duplicateFields.clear();
    return converted;
}

Result<Value> storedDocument(const WriteContext& context, const Kind& kind, Value object)
{
    TRY_OK(settleKind(kind, object));
    TRY_OK(decodeStrictly(context, kind, object));
    TRY_OK(completeFields(kind, object));
    return api::convert(std::move(object), *kind.storedAs);
}

class ConvertingRegistry final : public Registry {
public:
    ConvertingRegistry(std::unique_ptr<Registry> stored, const Clock& clock, Executor* executor)
        : m_stored(std::move(stored)), m_clock(clock), m_executor(executor)
    {
    }

    std::shared_ptr<const api::Catalog> catalog() const override { return m_stored->catalog(); }
    bool ready() const override { return m_stored->ready(); }

    Result<StoredObjectPtr> get(const Kind& kind, const ObjectKey& key) override
    {
        return shownAs(kind, m_stored->get(kind, key));
    }
    Result<Done> reached(std::string_view resourceVersion) override { return m_stored->reached(resourceVersion); }

    Result<ObjectList> list(const Kind& kind, const ListOptions& options) override
    {
        if (!isShownConverted(kind))
            return m_stored->list(kind, options);
        if (!selectsByContent(options.fields))
            return shownAs(kind, m_stored->list(kind, options));
        TRY_OK(checkFields(kind, options.fields));
        auto all = options; // In one page: how much of it is selected shows when it is converted.
        all.fields = {};
        all.limit = 0;
        TRY_ASSIGN(auto found, shownAs(kind, m_stored->list(kind, all)));
        std::erase_if(found.objects,
                      [&](const StoredObjectPtr& object) { return !matches(kind, options.fields, *object); });
        return found;
    }
    std::string inconsistentContinue(const std::string& continueToken) const override
    {
        return m_stored->inconsistentContinue(continueToken);
    }
    Result<std::unique_ptr<client::Watch>> watch(const Kind& kind, const WatchOptions& options,
                                                 std::shared_ptr<WatchSink> sink) override
    {
        if (!isShownConverted(kind))
            return m_stored->watch(kind, options, std::move(sink));
        TRY_OK(checkFields(kind, options.fields));
        auto all = options;
        if (selectsByContent(options.fields))
            all.fields = {};
        auto fields = selectsByContent(options.fields) ? options.fields : api::FieldSelector();
        return m_stored->watch(kind, all, convertingSink(kind, std::move(fields), std::move(sink), m_executor));
    }

    std::vector<Result<StoredObjectPtr>> createEach(const WriteContext& context, const Kind& kind,
                                                    const std::string& nameSpace, std::vector<Value> objects) override
    {
        if (!isWrittenConverted(kind))
            return shownAs(kind, m_stored->createEach(context, kind, nameSpace, std::move(objects)));
        std::vector<Result<StoredObjectPtr>> results;
        for (auto& object : objects) {
            auto document = storedDocument(context, kind, std::move(object));
            results.push_back(document ? shownAs(kind, m_stored->create(storedContext(context, kind), *kind.storedAs,
                                                                        nameSpace, *std::move(document)))
                                       : fail(std::move(document).error()));
        }
        return results;
    }

    Result<StoredObjectPtr> update(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                   std::string_view subresource, Value object) override
    {
        if (!isWrittenConverted(kind))
            return shownAs(kind, m_stored->update(context, kind, key, subresource, std::move(object)));
        TRY_ASSIGN(auto document, storedDocument(context, kind, std::move(object)));
        return shownAs(kind, m_stored->update(storedContext(context, kind), *kind.storedAs, key, subresource,
                                              std::move(document)));
    }

    Result<StoredObjectPtr> patch(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                  std::string_view subresource, api::PatchType type, const Value& patch) override
    {
        if (!isWrittenConverted(kind))
            return shownAs(kind, m_stored->patch(context, kind, key, subresource, type, patch));
        if (type == api::PatchType::Apply) {
            auto converted = context;
            converted.version = &kind;
            return shownAs(kind, m_stored->patch(converted, *kind.storedAs, key, subresource, type, patch));
        }
        const auto began = m_clock.steady();
        const bool namesVersion = patch.is_object() && api::find(patch, {"metadata", "resourceVersion"});
        for (;;) {
            TRY_ASSIGN(const auto before, get(kind, key));
            TRY_ASSIGN(auto patched, applyPatch(type, api::parseJson(before->json).value(), patch, kind.schema));
            auto written = update(context, kind, key, subresource, std::move(patched));
            if (written || written.error().reason != Reason::Conflict || namesVersion)
                return written;
            TRY_ASSIGN(const auto now, m_stored->get(kind, key));
            if (now->revision == before->revision)
                return written; // Another conflict than with a write.
            if (m_clock.steady() - began >= writeTimeMax)
                return fail(overdueError());
        }
    }

    /// Conversions, which may ask webhooks, are waited for inside the call.
    void submit(ObjectWrite write, Answer answer) override
    {
        if (!isWrittenConverted(write.kind) && !isShownConverted(write.kind))
            return m_stored->submit(std::move(write), std::move(answer));
        answer(carryOut(std::move(write)));
    }

    Result<Removed> remove(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                           const DeleteOptions& options) override
    {
        TRY_ASSIGN(auto removed, m_stored->remove(context, writtenAs(kind), key, options));
        TRY_ASSIGN(removed.object, shownAs(kind, Result<StoredObjectPtr>(std::move(removed.object))));
        return removed;
    }
    Result<ObjectList> removeCollection(const WriteContext& context, const Kind& kind, const ListOptions& which,
                                        const DeleteOptions& options) override
    {
        if (!isShownConverted(kind))
            return m_stored->removeCollection(context, kind, which, options);
        if (!selectsByContent(which.fields))
            return shownAs(kind, m_stored->removeCollection(context, writtenAs(kind), which, options));
        TRY_ASSIGN(auto selected, list(kind, which));
        ObjectList gone;
        gone.revision = selected.revision;
        for (const auto& object : selected.objects) {
            auto removed = remove(context, kind, object->key, options);
            if (removed)
                gone.objects.push_back(std::move(removed->object));
            else if (removed.error().reason != Reason::NotFound) // somebody else was quicker
                return fail(std::move(removed).error());
        }
        return gone;
    }

    Result<Value> scale(const Kind& kind, const ObjectKey& key) override { return m_stored->scale(kind, key); }
    Result<Value> updateScale(const WriteContext& context, const Kind& kind, const ObjectKey& key, Value scale) override
    {
        return m_stored->updateScale(context, kind, key, std::move(scale));
    }
    Result<Value> patchScale(const WriteContext& context, const Kind& kind, const ObjectKey& key, api::PatchType type,
                             const Value& patch) override
    {
        return m_stored->patchScale(context, kind, key, type, patch);
    }
    bool asksAboutConnections() const override { return m_stored->asksAboutConnections(); }
    Result<Done> admitConnection(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                 std::string_view subresource, Value options) override
    {
        return m_stored->admitConnection(context, kind, key, subresource, std::move(options));
    }
    Result<Removed> evict(const WriteContext& context, const ObjectKey& pod, Value eviction,
                          const EvictionOptions& options) override
    {
        return m_stored->evict(context, pod, std::move(eviction), options);
    }
    std::vector<Result<Done>> bindEach(const WriteContext& context,
                                       std::vector<client::Client::Binding> bindings) override
    {
        return m_stored->bindEach(context, std::move(bindings));
    }
    std::vector<Result<StoredObjectPtr>> updateStatusEach(const WriteContext& context, const Kind& kind,
                                                          std::vector<Value> objects) override
    {
        if (!isWrittenConverted(kind))
            return shownAs(kind, m_stored->updateStatusEach(context, kind, std::move(objects)));
        std::vector<Result<StoredObjectPtr>> results;
        for (auto& object : objects) {
            const auto key = keyOf(object);
            results.push_back(update(context, kind, key, "status", std::move(object)));
        }
        return results;
    }

private:
    Result<StoredObjectPtr> carryOut(ObjectWrite write)
    {
        const auto& [verb, context, kind, key, subresource, document, patchType] = write;
        switch (verb) {
        case ObjectWrite::Verb::Create:
            return create(context, kind, key.nameSpace, std::move(write.document));
        case ObjectWrite::Verb::Update:
            return update(context, kind, key, subresource, std::move(write.document));
        case ObjectWrite::Verb::Patch:
            break;
        }
        return patch(context, kind, key, subresource, patchType, document);
    }

    static const Kind& writtenAs(const Kind& kind) { return isWrittenConverted(kind) ? *kind.storedAs : kind; }

    const std::unique_ptr<Registry> m_stored;
    const Clock& m_clock;
    Executor* const m_executor;
};

} // namespace

std::unique_ptr<Registry> convertVersions(std::unique_ptr<Registry> stored, const Clock& clock, Executor* executor)
{
    return std::make_unique<ConvertingRegistry>(std::move(stored), clock, executor);
}

} // namespace keelson::registry
