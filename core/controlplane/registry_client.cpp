// SPDX-License-Identifier: Apache-2.0
#include "controlplane/registry_client.h"

#include <charconv>

namespace keelson::controlplane {
namespace {

using api::Kind;
using api::ObjectKey;
using api::Value;
using client::Encoded;
using registry::StoredObjectPtr;

ObjectKey keyOf(const Value& object)
{
    return {std::string(api::stringAt(object, {"metadata", "namespace"})),
            std::string(api::stringAt(object, {"metadata", "name"}))};
}

/// The object's JSON, which lives as long as the object.
Encoded encodedOf(const StoredObjectPtr& object)
{
    return {object, &object->json};
}

Result<Value> documentOf(const Result<StoredObjectPtr>& object)
{
    if (!object)
        return fail(object.error());
    return api::parseJson((*object)->json);
}

std::vector<Result<Value>> documentsOf(const std::vector<Result<StoredObjectPtr>>& objects)
{
    std::vector<Result<Value>> documents;
    documents.reserve(objects.size());
    for (const auto& object : objects)
        documents.push_back(documentOf(object));
    return documents;
}

/// Acts at once on the items that are allowed; each item has its result in its place.
template <typename R, typename T, typename Allow, typename Act>
std::vector<Result<R>> eachAllowed(std::vector<T> items, const Allow& allow, const Act& act)
{
    std::vector<Result<R>> results(items.size(), R{});
    std::vector<T> allowed;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (auto permission = allow(items[i]); !permission) {
            results[i] = fail(std::move(permission).error());
            continue;
        }
        allowed.push_back(std::move(items[i]));
        positions.push_back(i);
    }
    auto acted = act(std::move(allowed));
    for (std::size_t i = 0; i < acted.size(); ++i)
        results[positions[i]] = std::move(acted[i]);
    return results;
}

/// Hands the registry's events to a client's handlers.
class HandlerSink : public registry::WatchSink {
public:
    HandlerSink(std::function<void(client::WatchEvent)> handler, std::function<void(Error)> ended)
        : m_handler(std::move(handler)), m_ended(std::move(ended))
    {
    }

    bool event(const registry::WatchEvent& event) override
    {
        m_handler({event.type, event.object ? encodedOf(event.object) : nullptr, std::to_string(event.revision)});
        return true;
    }

    void ended(const Error& error) override { m_ended(error); }

private:
    std::function<void(client::WatchEvent)> m_handler;
    std::function<void(Error)> m_ended;
};

Result<registry::ListOptions> listOptions(const client::ListOptions& options)
{
    registry::ListOptions out;
    out.nameSpace = options.nameSpace;
    TRY_ASSIGN(out.labels, api::LabelSelector::parse(options.labelSelector));
    TRY_ASSIGN(out.fields, api::FieldSelector::parse(options.fieldSelector));
    return out;
}

Result<store::Revision> parseVersion(std::string_view text)
{
    store::Revision revision = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(Reason::BadRequest, "\"" + std::string(text) + "\" is not a resourceVersion");
    return revision;
}

} // namespace

RegistryClient::RegistryClient(registry::Registry& registry, const auth::Authorizer& authorizer, auth::User user,
                               client::DecodedObjects* decoded)
    : m_registry(registry), m_authorizer(authorizer), m_user(std::move(user)), m_decoded(decoded)
{
}

Result<Done> RegistryClient::allow(const Kind& kind, std::string_view verb, std::string_view subresource,
                                   const ObjectKey& key) const
{
    const auth::Attributes attributes{.verb = std::string(verb),
                                      .group = kind.groupVersion.group,
                                      .version = kind.groupVersion.version,
                                      .resource = kind.plural,
                                      .subresource = std::string(subresource),
                                      .nameSpace = key.nameSpace,
                                      .name = key.name,
                                      .path = {}};
    const auto decision = m_authorizer.authorize(m_user, attributes);
    if (!decision.allowed)
        return fail(auth::forbidden(m_user, attributes, decision.reason));
    return Done{};
}

registry::WriteContext RegistryClient::context() const
{
    registry::WriteContext context;
    context.user = m_user;
    context.fieldValidation = registry::FieldValidation::Ignore;
    context.fieldManager = m_user.name.substr(m_user.name.rfind(':') + 1);
    return context;
}

Result<Value> RegistryClient::get(const Kind& kind, const ObjectKey& key)
{
    TRY_OK(allow(kind, "get", {}, key));
    return documentOf(m_registry.get(kind, key));
}

Result<client::List> RegistryClient::list(const Kind& kind, const client::ListOptions& options)
{
    TRY_OK(allow(kind, "list", {}, {options.nameSpace, {}}));
    TRY_ASSIGN(const auto which, listOptions(options));
    TRY_ASSIGN(const auto found, m_registry.list(kind, which));
    client::List list;
    list.resourceVersion = std::to_string(found.revision);
    list.objects.reserve(found.objects.size());
    for (const auto& object : found.objects)
        list.objects.push_back(encodedOf(object));
    return list;
}

Result<std::unique_ptr<client::Watch>> RegistryClient::watch(const Kind& kind, const client::ListOptions& options,
                                                             std::string_view resourceVersion,
                                                             std::function<void(client::WatchEvent)> handler,
                                                             std::function<void(Error)> ended)
{
    TRY_OK(allow(kind, "watch", {}, {options.nameSpace, {}}));
    TRY_ASSIGN(auto which, listOptions(options));
    registry::WatchOptions watchOptions;
    watchOptions.nameSpace = std::move(which.nameSpace);
    watchOptions.labels = std::move(which.labels);
    watchOptions.fields = std::move(which.fields);
    TRY_ASSIGN(watchOptions.after, parseVersion(resourceVersion));
    return m_registry.watch(kind, watchOptions, std::make_shared<HandlerSink>(std::move(handler), std::move(ended)));
}

std::vector<Result<Value>> RegistryClient::createEach(const Kind& kind, std::vector<Value> objects)
{
    return eachAllowed<Value>(
        std::move(objects),
        [&](const Value& object) { return allow(kind, "create", {}, {keyOf(object).nameSpace, {}}); },
        [&](std::vector<Value> allowed) {
            return documentsOf(m_registry.createEach(context(), kind, {}, std::move(allowed)));
        });
}

Result<Value> RegistryClient::update(const Kind& kind, Value object, std::string_view subresource)
{
    const auto key = keyOf(object);
    TRY_OK(allow(kind, "update", subresource, key));
    if (subresource == "scale")
        return m_registry.updateScale(context(), kind, key, std::move(object));
    return documentOf(m_registry.update(context(), kind, key, subresource, std::move(object)));
}

Result<Value> RegistryClient::patch(const Kind& kind, const ObjectKey& key, api::PatchType type, const Value& patch,
                                    std::string_view subresource)
{
    TRY_OK(allow(kind, "patch", subresource, key));
    if (subresource == "scale")
        return m_registry.patchScale(context(), kind, key, type, patch);
    return documentOf(m_registry.patch(context(), kind, key, subresource, type, patch));
}

Result<Done> RegistryClient::remove(const Kind& kind, const ObjectKey& key, const client::DeleteOptions& options)
{
    TRY_OK(allow(kind, "delete", {}, key));
    TRY_OK(m_registry.remove(context(), kind, key, options));
    return Done{};
}

std::vector<Result<Done>> RegistryClient::bindEach(std::vector<Binding> bindings)
{
    const auto& pods = *api::Catalog::builtIn().find({"", "v1"}, "Pod");
    return eachAllowed<Done>(
        std::move(bindings), [&](const Binding& binding) { return allow(pods, "create", "binding", binding.pod); },
        [&](std::vector<Binding> allowed) { return m_registry.bindEach(context(), std::move(allowed)); });
}

std::vector<Result<Value>> RegistryClient::updateStatusEach(const Kind& kind, std::vector<Value> objects)
{
    return eachAllowed<Value>(
        std::move(objects), [&](const Value& object) { return allow(kind, "update", "status", keyOf(object)); },
        [&](std::vector<Value> allowed) {
            return documentsOf(m_registry.updateStatusEach(context(), kind, std::move(allowed)));
        });
}

} // namespace keelson::controlplane
