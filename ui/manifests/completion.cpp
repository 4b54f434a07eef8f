// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/completion.h"

#include "document/render.h"
#include "document/schema_walk.h"
#include "manifests/cursor_place.h"
#include "manifests/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace keelson::manifests {

namespace {

using api::Schema;
using api::SchemaType;
using document::Path;
using document::operator/; // Path is a vector: it is not found by its namespace
using document::Step;

/// Kinds that one begins with, and what they need at least.
struct Beginning {
    std::string_view label;
    std::string_view text;
};
constexpr std::array beginnings{
    Beginning{"Deployment", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n"
                            "  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n"
                            "        app: web\n    spec:\n      containers:\n        - name: web\n          image: "},
    Beginning{"Service", "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n"
                         "  ports:\n    - port: 80\n      targetPort: "},
    Beginning{"ConfigMap", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  "},
    Beginning{"Secret", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: credentials\nstringData:\n  "},
    Beginning{"Namespace", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: "},
    Beginning{"ServiceAccount", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: "}};

class Proposer {
public:
    Proposer(const CursorPlace& place, const document::Kinds& kinds, const Surroundings& around, std::size_t source)
        : m_place(place),
          m_kinds(kinds),
          m_around(around),
          m_source(source),
          m_kind(kinds.find(place.apiVersion, place.kind))
    {
    }

    Completion run()
    {
        if (m_place.what == CursorPlace::What::Value)
            proposeValues(m_place.path);
        else if (m_place.what == CursorPlace::What::Entry)
            proposeEntries();
        return {m_place.span, ranked()};
    }

private:
    /// False when it was added before.
    bool add(Proposal::Sort sort, std::string label, std::string detail, std::string insert, std::string after = {})
    {
        if (!m_labels.insert(label).second)
            return false;
        m_all.push_back({sort, std::move(label), std::move(detail), std::move(insert), std::move(after), {}, false});
        return true;
    }

    void addWord(Proposal::Sort sort, const std::string& word, std::string detail)
    {
        add(sort, word, std::move(detail), textOf(word));
    }

    /// A text as this place writes it.
    std::string textOf(const std::string& word) const
    {
        const auto style = m_place.isJson ? document::NodeStyle::DoubleQuoted : m_place.style;
        return document::renderInline(api::Value(word), {}, m_place.isFlow, style);
    }

    /// A key as this place writes it.
    std::string keyOf(const std::string& name) const
    {
        document::Habits habits;
        habits.isJson = m_place.isJson || m_place.style == document::NodeStyle::DoubleQuoted;
        return document::renderKey(name, habits, m_place.isFlow);
    }

    void proposeEntries()
    {
        if (m_place.path.empty() && !m_kind)
            proposeEnvelope();
        if (!m_kind)
            return;
        const auto* schema = document::schemaAt(*m_kind, m_place.path);
        if (!schema)
            return;
        if (schema->type == SchemaType::Object)
            proposeFields(*schema, m_place.column, "");
        else if (schema->type == SchemaType::Map)
            proposeNames();
        else if (schema->type == SchemaType::Array && schema->items && !m_place.isItem && !m_place.isFlow)
            proposeItems(*schema);
        else if (m_place.isItem)
            proposeValues(m_place.path);
    }

    void proposeEnvelope()
    {
        if (m_place.siblings.empty() && m_place.column == 0 && m_place.kind.empty() && !m_place.isFlow)
            for (const auto& beginning : beginnings)
                add(Proposal::Sort::Object, std::string(beginning.label), "new object", std::string(beginning.text));
        for (const auto* name : {"apiVersion", "kind", "metadata", "spec"})
            if (!m_place.siblings.contains(std::string_view(name)))
                add(Proposal::Sort::Field, name, "", keyOf(name) + (m_place.hasColon ? "" : ": "));
    }

    /// `before`: what goes in front of each, such as "- ".
    void proposeFields(const Schema& schema, std::size_t column, const std::string& before)
    {
        for (const auto& field : schema.fields) {
            const bool isServers = m_place.path.empty() && field.name == "status";
            if (m_place.siblings.contains(field.name) || isServers)
                continue;
            auto insert = before + keyOf(field.name);
            std::string after;
            if (!m_place.hasColon && !m_place.isFlow)
                insert += opening(*field.schema, column + before.size());
            else if (!m_place.hasColon)
                std::tie(insert, after) = bracketed(std::move(insert), *field.schema);
            if (m_place.isFlow && m_place.isItem) {
                insert = "{" + insert;
                after += "}";
            }
            if (!add(Proposal::Sort::Field, field.name, document::typeWords(*field.schema), std::move(insert),
                     std::move(after)))
                continue;
            auto& made = m_all.back();
            made.isRequired = field.required;
            made.explanation = explanationOf(m_place.path / field.name, field);
        }
    }

    /// What follows a key so that one can type on.
    static std::string opening(const Schema& schema, std::size_t column)
    {
        const std::string deeper = "\n" + std::string(column + 2, ' ');
        if (schema.type == SchemaType::Object || schema.type == SchemaType::Map)
            return ":" + deeper;
        if (schema.type == SchemaType::Array)
            return ":" + deeper + "- ";
        return ": ";
    }

    /// The same between brackets: what stands before the cursor then, and behind it.
    std::pair<std::string, std::string> bracketed(std::string key, const Schema& schema) const
    {
        if (schema.type == SchemaType::Object || schema.type == SchemaType::Map)
            return {key + ": {", "}"};
        if (schema.type == SchemaType::Array && schema.items && schema.items->type == SchemaType::Object)
            return {key + ": [{", "}]"};
        if (schema.type == SchemaType::Array)
            return {key + ": [", "]"};
        if (m_place.isJson && schema.type == SchemaType::String)
            return {key + ": \"", "\""};
        return {key + ": ", {}};
    }

    void proposeItems(const Schema& list)
    {
        if (list.items->type == SchemaType::Object)
            proposeFields(*list.items, m_place.column, "- ");
        else
            add(Proposal::Sort::Word, "-", "a new item", "- ");
    }

    /// Names of a map: labels that a selector may ask for, resources, keys.
    void proposeNames()
    {
        const auto last = m_place.path.empty() ? std::string() : lastName(m_place.path);
        std::vector<std::string> names;
        if (last == "limits" || last == "requests")
            names = {"cpu", "memory", "ephemeral-storage"};
        else if (last == "hard")
            names = {
                "pods",    "requests.cpu", "requests.memory",        "limits.cpu",      "limits.memory", "services",
                "secrets", "configmaps",   "persistentvolumeclaims", "requests.storage"};
        else if (last == "labels" || last == "matchLabels" || last == "selector")
            names = labelNames();
        for (const auto& name : names)
            if (!m_place.siblings.contains(name))
                add(Proposal::Sort::Name, name, "", keyOf(name) + (m_place.hasColon ? "" : ": "));
    }

    std::vector<std::string> labelNames() const
    {
        std::set<std::string> names{"app.kubernetes.io/name", "app.kubernetes.io/component",
                                    "app.kubernetes.io/part-of"};
        for (const auto& object : m_around.objects)
            for (const auto& [name, value] : podLabelsOf(object.object.kind, object.value))
                names.insert(name);
        for (const auto& [where, labels] : m_around.clusterPods)
            for (const auto& [name, value] : labels)
                if (where == nameSpace())
                    names.insert(name);
        return {names.begin(), names.end()};
    }

    void proposeValues(const Path& path)
    {
        if (path == Path{Step(std::string("apiVersion"))})
            return proposeVersions();
        if (path == Path{Step(std::string("kind"))})
            return proposeKinds();
        proposeReferences(path);
        proposePorts(path);
        proposeLabels(path);
        const auto* schema = m_kind ? document::schemaAt(*m_kind, path) : nullptr;
        if (!schema)
            return;
        for (const auto& word : schema->enumeration)
            addWord(Proposal::Sort::Word, word, "");
        if (schema->type == SchemaType::Boolean)
            for (const auto* word : {"true", "false"})
                add(Proposal::Sort::Word, word, "", word);
        if (const auto* field = document::fieldAt(*m_kind, path)) {
            if (field->defaultValue && field->defaultValue->is_string())
                addWord(Proposal::Sort::Word, std::string(field->defaultValue->get_string()), "default");
            for (auto& made : m_all)
                if (made.explanation.isEmpty())
                    made.explanation = explanationOf(path, *field);
        }
    }

    void proposeVersions()
    {
        for (const auto* kind : m_kinds.all())
            if (m_place.kind.empty() || kind->kind == m_place.kind)
                addWord(Proposal::Sort::Word, kind->groupVersion.text(), m_place.kind);
    }

    void proposeKinds()
    {
        for (const auto* kind : m_kinds.all())
            if (m_place.apiVersion.empty() || kind->groupVersion.text() == m_place.apiVersion) {
                if (add(Proposal::Sort::Word, kind->kind, kind->groupVersion.text(), textOf(kind->kind)))
                    m_all.back().explanation = {kind->kind, kind->groupVersion.text(), kind->schema->description, {}};
            }
    }

    std::string nameSpace() const
    {
        // The place knows no more than its own map: the namespace is that of its object in the set.
        const auto* own = m_around.at(m_source, m_place.object);
        return !own || own->object.nameSpace.empty() ? m_around.defaultNameSpace : own->object.nameSpace;
    }

    void proposeReferences(const Path& path)
    {
        const auto reference = referenceAt(m_place.kind, path, m_place.siblings);
        if (reference.kind.empty())
            return;
        if (reference.isKey) {
            const auto name = m_place.siblings.find("name");
            if (name == m_place.siblings.end())
                return;
            if (const auto keys = m_around.keysOf({reference.kind, nameSpace(), name->second}))
                for (const auto& key : *keys)
                    addWord(Proposal::Sort::Name, key, "key of " + name->second);
            return;
        }
        for (const auto& where : {nameSpace(), std::string()})
            for (const auto& name : m_around.namesOf(reference.kind, where)) {
                const bool isOwn = m_around.find({reference.kind, where, name}) != nullptr;
                addWord(Proposal::Sort::Name, name, reference.kind + (isOwn ? " of this set" : " of the cluster"));
            }
    }

    /// Where a port may be named: probes and target ports.
    void proposePorts(const Path& path)
    {
        const auto last = lastName(path);
        const bool isProbe = last == "port" && path.size() > 2 && !podSpecPath(m_place.kind).empty();
        if (last != "targetPort" && !isProbe)
            return;
        for (const auto& object : m_around.objects) {
            const auto* pod = podSpecOf(object.object.kind, object.value);
            const bool isOwn = object.source == m_source && object.place == m_place.object;
            if (!pod || object.object.nameSpace != nameSpace() || (isProbe && !isOwn))
                continue;
            for (const auto* container : containersOf(*pod))
                if (const auto* ports = api::find(*container, {"ports"}); ports && ports->is_array())
                    for (const auto& port : ports->get_array()) {
                        const auto number = std::to_string(api::integerAt(port, {"containerPort"}));
                        if (const std::string name(api::stringAt(port, {"name"})); !name.empty())
                            addWord(Proposal::Sort::Name, name, fmt::format("{} of {}", number, object.object.name));
                        add(Proposal::Sort::Name, number, "port of " + object.object.name, number);
                    }
        }
    }

    /// The value of a label in a selector.
    void proposeLabels(const Path& path)
    {
        if (path.size() < 2 || !std::holds_alternative<std::string>(path[path.size() - 2]))
            return;
        const auto map = std::get<std::string>(path[path.size() - 2]);
        if (map != "selector" && map != "matchLabels" && map != "labels")
            return;
        for (const auto& object : m_around.objects)
            for (const auto& [name, value] : podLabelsOf(object.object.kind, object.value))
                if (Step(name) == path.back())
                    addWord(Proposal::Sort::Name, value, "pods of " + object.object.name);
    }

    static std::string lastName(const Path& path)
    {
        return !path.empty() && std::holds_alternative<std::string>(path.back()) ? std::get<std::string>(path.back())
                                                                                 : std::string();
    }

    std::vector<Proposal> ranked()
    {
        std::vector<std::pair<int, std::size_t>> fitting; // how badly each fits, and its place
        for (std::size_t i = 0; i < m_all.size(); ++i)
            if (const auto fits = fitness(m_all[i].label, m_place.word); fits > 0)
                fitting.emplace_back(-2 * fits - (m_all[i].isRequired ? 1 : 0), i);
        std::ranges::sort(fitting);
        std::vector<Proposal> best;
        for (const auto& [badly, i] : fitting)
            if (best.size() < proposalsMax)
                best.push_back(std::move(m_all[i]));
        return best;
    }

    const CursorPlace& m_place;
    const document::Kinds& m_kinds;
    const Surroundings& m_around;
    std::size_t m_source;
    const api::Kind* m_kind;
    std::vector<Proposal> m_all;
    std::set<std::string> m_labels;
};

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

Completion complete(std::string_view document, std::size_t offset, const document::Kinds& kinds,
                    const Surroundings& surroundings, std::size_t source)
{
    const auto place = placeAt(document, offset);
    auto completion = Proposer(place, kinds, surroundings, source).run();
    const auto begin = completion.span.begin;
    if (place.what == CursorPlace::What::Value && begin > 0 && document[begin - 1] == ':')
        for (auto& proposal : completion.proposals)
            proposal.insert.insert(0, " "); // "key:value" would be one word
    return completion;
}

int fitness(std::string_view text, std::string_view typed)
{
    constexpr int begins = 100;
    constexpr int contains = 50;
    if (typed.empty())
        return 1;
    std::string small(text);
    std::string wanted(typed);
    std::ranges::transform(small, small.begin(), lower);
    std::ranges::transform(wanted, wanted.begin(), lower);
    if (small.starts_with(wanted))
        return begins + (text.starts_with(typed) ? 1 : 0) + (small.size() == wanted.size() ? 2 : 0);
    if (small.contains(wanted))
        return contains;
    std::size_t at = 0;
    for (const auto c : wanted) {
        at = small.find(c, at);
        if (at == small.npos)
            return 0;
        ++at;
    }
    return small.front() == wanted.front() ? 2 : 1;
}

} // namespace keelson::manifests
