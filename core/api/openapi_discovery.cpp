// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_discovery.h"

#include "api/openapi_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace keelson::api {
namespace {

constexpr std::string_view metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";
constexpr std::string_view versionName = "io.k8s.apimachinery.pkg.version.Info";

/// The answers by the ends of their names; a reference names another one.
constexpr std::string_view answers = R"json({
"APIVersions": {"description": "The versions of the core group.", "type": "object",
  "required": ["versions", "serverAddressByClientCIDRs"], "properties": {
  "apiVersion": {"type": "string"}, "kind": {"type": "string"},
  "versions": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "atomic"},
  "serverAddressByClientCIDRs": {"type": "array", "items": {"$ref": "ServerAddressByClientCIDR"},
    "x-kubernetes-list-type": "atomic"}},
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "APIVersions", "version": "v1"}]},
"APIGroupList": {"description": "The groups that are served.", "type": "object",
  "required": ["groups"], "properties": {
  "apiVersion": {"type": "string"}, "kind": {"type": "string"},
  "groups": {"type": "array", "items": {"$ref": "APIGroup"}, "x-kubernetes-list-type": "atomic"}},
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "APIGroupList", "version": "v1"}]},
"APIGroup": {"description": "A group and its versions.", "type": "object",
  "required": ["name", "versions"], "properties": {
  "apiVersion": {"type": "string"}, "kind": {"type": "string"},
  "name": {"type": "string"},
  "versions": {"type": "array", "items": {"$ref": "GroupVersionForDiscovery"}, "x-kubernetes-list-type": "atomic"},
  "preferredVersion": {"$ref": "GroupVersionForDiscovery"},
  "serverAddressByClientCIDRs": {"type": "array", "items": {"$ref": "ServerAddressByClientCIDR"},
    "x-kubernetes-list-type": "atomic"}},
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "APIGroup", "version": "v1"}]},
"APIResourceList": {"description": "The resources of a group version.", "type": "object",
  "required": ["groupVersion", "resources"], "properties": {
  "apiVersion": {"type": "string"}, "kind": {"type": "string"},
  "groupVersion": {"type": "string"},
  "resources": {"type": "array", "items": {"$ref": "APIResource"}, "x-kubernetes-list-type": "atomic"}},
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "APIResourceList", "version": "v1"}]},
"APIResource": {"description": "A resource: its names, its kind, and what can be done with it.", "type": "object",
  "required": ["name", "singularName", "namespaced", "kind", "verbs"], "properties": {
  "name": {"type": "string"}, "singularName": {"type": "string"}, "namespaced": {"type": "boolean"},
  "group": {"type": "string"}, "version": {"type": "string"}, "kind": {"type": "string"},
  "verbs": {"type": "array", "items": {"type": "string"}},
  "shortNames": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "atomic"},
  "categories": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "atomic"},
  "storageVersionHash": {"type": "string"}}},
"GroupVersionForDiscovery": {"description": "A version of a group: \"apps/v1\" and \"v1\".", "type": "object",
  "required": ["groupVersion", "version"], "properties": {
  "groupVersion": {"type": "string"}, "version": {"type": "string"}}},
"ServerAddressByClientCIDR": {"description": "At which address clients of a network reach the server.",
  "type": "object", "required": ["clientCIDR", "serverAddress"], "properties": {
  "clientCIDR": {"type": "string"}, "serverAddress": {"type": "string"}}},
"Info": {"description": "Which Kubernetes the server is.", "type": "object",
  "required": ["major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler",
    "platform"], "properties": {
  "major": {"type": "string"}, "minor": {"type": "string"}, "gitVersion": {"type": "string"},
  "gitCommit": {"type": "string"}, "gitTreeState": {"type": "string"}, "buildDate": {"type": "string"},
  "goVersion": {"type": "string"}, "compiler": {"type": "string"}, "platform": {"type": "string"}}}
})json";

constexpr std::array<std::string_view, 3> objectTypes{"application/json", "application/yaml",
                                                      "application/vnd.kubernetes.protobuf"};
constexpr std::array<std::string_view, 1> jsonType{"application/json"};
constexpr std::array<std::string_view, 1> keysType{"application/jwk-set+json"};

/// A path that is only read.
struct Question {
    std::string path;
    std::string id;
    std::string tag;
    std::string_view description;
    std::string_view answer; ///< The end of a definition's name; empty: a text.
    std::span<const std::string_view> types = objectTypes;
};

/// "apis/apps" -> "apps"; empty for other names.
std::string_view groupIn(std::string_view name)
{
    constexpr std::string_view prefix = "apis/";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
}

Question questionOf(std::string_view name)
{
    auto path = fmt::format("/{}/", name);
    if (name == "api")
        return {std::move(path), "getCoreAPIVersions", "core", "Which versions the core group has.", "APIVersions"};
    if (name == "apis")
        return {std::move(path), "getAPIVersions", "apis", "Which groups there are.", "APIGroupList"};
    if (name == "version")
        return {std::move(path), "getCodeVersion", "version", "Which version this server is.", "Info", jsonType};
    if (name == ".well-known/openid-configuration")
        return {std::move(path),
                "getServiceAccountIssuerOpenIDConfiguration",
                "WellKnown",
                "Who issues tokens of service accounts, and where its keys are.",
                "",
                jsonType};
    if (name == "openid/v1/jwks")
        return {std::move(path),
                "getServiceAccountIssuerOpenIDKeyset",
                "openid",
                "The keys that tokens of service accounts are checked with.",
                "",
                keysType};
    const GroupVersion group{std::string(groupIn(name)), ""};
    return {std::move(path), fmt::format("get{}APIGroup", groupVersionWord(group)), groupVersionTag(group),
            "Which versions the group has.", "APIGroup"};
}

class Writer {
public:
    Writer(OpenApiVersion version, Object& paths, Object& definitions)
        : m_three(version == OpenApiVersion::Three), m_paths(paths), m_definitions(definitions)
    {
    }

    void write(const Question& question)
    {
        const auto schema = question.answer.empty() ? Object{{"type", "string"}} : reference(question.answer);
        Object good{{"description", "OK"}};
        Object get{
            {"description", question.description}, {"operationId", question.id}, {"tags", Array{Value(question.tag)}}};
        if (m_three) {
            Object content;
            for (const auto type : question.types)
                content[type] = Object{{"schema", schema}};
            good["content"] = std::move(content);
        } else {
            good["schema"] = schema;
            get["consumes"] = Array(question.types.begin(), question.types.end());
            get["produces"] = Array(question.types.begin(), question.types.end());
            get["schemes"] = Array{Value("https")};
        }
        get["responses"] = Object{{"200", std::move(good)}, {"401", Object{{"description", "Unauthorized"}}}};
        m_paths[question.path] = Object{{"get", std::move(get)}};
    }

private:
    /// `$ref` to a definition, which gets into the document with all that it refers to.
    Object reference(std::string_view name)
    {
        const auto whole = name == "Info" ? std::string(versionName) : fmt::format("{}{}", metaPrefix, name);
        if (!m_definitions.contains(whole)) {
            auto definition = m_answers.as_object().at(name);
            m_definitions[whole] = nullptr; // so that it is not written twice
            resolve(definition);
            m_definitions[whole] = std::move(definition);
        }
        return {{"$ref", (m_three ? "#/components/schemas/" : "#/definitions/") + whole}};
    }
    void resolve(Value& part)
    {
        auto* const object = part.if_object();
        if (!object)
            return;
        if (const auto name = stringAt(part, {"$ref"}); !name.empty()) {
            part = reference(std::string(name));
            return;
        }
        for (auto& member : *object)
            resolve(member.value());
    }

    const bool m_three;
    Object& m_paths;
    Object& m_definitions;
    const Value m_answers = *parseJson(answers);
};

} // namespace

std::vector<std::string> openApiDiscoveryNames(const Catalog& catalog)
{
    std::set<std::string> names{".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version"};
    for (const auto* kind : catalog.kinds()) {
        if (!kind->custom && !kind->groupVersion.group.empty())
            names.insert("apis/" + kind->groupVersion.group);
    }
    return {names.begin(), names.end()};
}

void addOpenApiDiscovery(std::string_view name, OpenApiVersion version, Object& paths, Object& definitions)
{
    Writer{version, paths, definitions}.write(questionOf(name));
}

void addOpenApiResourceList(const GroupVersion& groupVersion, OpenApiVersion version, Object& paths,
                            Object& definitions)
{
    const auto& group = groupVersion.group;
    Writer{version, paths, definitions}.write({group.empty() ? fmt::format("/api/{}/", groupVersion.version)
                                                             : fmt::format("/apis/{}/{}/", group, groupVersion.version),
                                               fmt::format("get{}APIResources", groupVersionWord(groupVersion)),
                                               groupVersionTag(groupVersion), "Which resources there are.",
                                               "APIResourceList"});
}

} // namespace keelson::api
