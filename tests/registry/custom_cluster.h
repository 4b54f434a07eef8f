// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/cluster.h"

#include "customresources/custom_kind.h"
#include "customresources/definition_status.h"

namespace keelson::registry {

inline constexpr std::string_view widgets = R"(
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    selectableFields: [{jsonPath: .spec.color}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, minimum: 1, default: 3}
              color: {type: string}
              parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {type: object,
                required: [name], properties: {name: {type: string}, count: {type: integer}}}}
          status: {type: object, properties: {size: {type: integer}}}
)";

/// A cluster with custom kinds.
class Custom : public testing::Test, public Cluster {
protected:
    /// Creates or changes the definition, as a client and the controller together do.
    std::string define(std::string_view text)
    {
        auto wanted = document(text);
        const auto name = std::string(api::stringAt(wanted, {"metadata", "name"}));
        const auto present = get("CustomResourceDefinition", name);
        const auto written = present.is_null() ? create("CustomResourceDefinition", text)
                                               : update("CustomResourceDefinition", name, std::move(wanted));
        if (!written)
            return outcome(written);
        const auto accepted =
            customresources::withAcceptedNames(get("CustomResourceDefinition", name), {}, clock.wall());
        return outcome(update("CustomResourceDefinition", name, accepted, "status"));
    }
    /// "example.org/v1": of the kind Widget; must be served.
    std::shared_ptr<const Kind> widget(const std::string& version = "v1")
    {
        const auto catalog = registry->catalog();
        const auto* const kind = catalog->find({"example.org", version}, "Widget");
        return kind ? std::shared_ptr<const Kind>(catalog, kind) : nullptr;
    }
    Result<StoredObjectPtr> make(std::string_view text, const std::string& version = "v1")
    {
        return registry->create(context, *widget(version), "default", document(text));
    }
    Value read(const std::string& name, const std::string& version = "v1")
    {
        const auto object = registry->get(*widget(version), {"default", name});
        return object ? *api::parseJson((*object)->json) : Value(outcome(object));
    }
    static std::string changed(std::string_view text, std::string_view from, std::string_view to)
    {
        std::string made(text);
        const auto place = made.find(from);
        EXPECT_NE(place, made.npos) << from;
        return made.replace(place, from.size(), to);
    }
};

} // namespace keelson::registry
