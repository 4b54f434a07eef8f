// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/references.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::manifests {

namespace {

using api::Value;
using document::Cure;
using document::Diagnostic;
using document::Path;
using document::operator/; // Path is a vector: it is not found by its namespace
using document::SetValue;
using document::Severity;

/// The API that a kind which is named belongs to, where one can be made with no more than a name.
std::string skeleton(const ObjectName& target, const std::string& key)
{
    const auto head = [&](std::string_view version) {
        return fmt::format("apiVersion: {}\nkind: {}\nmetadata:\n  name: {}\n{}", version, target.kind, target.name,
                           target.nameSpace.empty() ? "" : fmt::format("  namespace: {}\n", target.nameSpace));
    };
    if (target.kind == "ConfigMap")
        return head("v1") + fmt::format("data:\n  {}: \"\"\n", key.empty() ? "key" : key);
    if (target.kind == "Secret")
        return head("v1") + fmt::format("stringData:\n  {}: \"\"\n", key.empty() ? "key" : key);
    if (target.kind == "ServiceAccount" || target.kind == "Namespace")
        return head("v1");
    if (target.kind == "PersistentVolumeClaim")
        return head("v1") +
               "spec:\n  accessModes:\n    - ReadWriteOnce\n  resources:\n    requests:\n      storage: 1Gi\n";
    return {};
}

struct Port {
    std::string name;
    std::int64_t number = 0;
};

std::vector<Port> portsOf(std::string_view kind, const Value& object)
{
    std::vector<Port> ports;
    const auto* pod = podSpecOf(kind, object);
    if (!pod)
        return ports;
    for (const auto* container : containersOf(*pod))
        if (const auto* list = api::find(*container, {"ports"}); list && list->is_array())
            for (const auto& port : list->get_array())
                ports.push_back({std::string(api::stringAt(port, {"name"})), api::integerAt(port, {"containerPort"})});
    return ports;
}

class ReferenceCheck {
public:
    ReferenceCheck(const PlacedObject& placed, std::size_t source, const Surroundings& around)
        : m_placed(placed), m_object(placed.object), m_around(around), m_own(around.at(source, placed.place))
    {
    }

    std::vector<Diagnostic> run()
    {
        if (!m_own)
            return {};
        checkTwice();
        for (const auto& reference : referencesOf(m_own->object.kind, m_object, nameSpace()))
            checkReference(reference);
        if (m_own->object.kind == "Service")
            checkService();
        else if (m_own->object.kind == "PodDisruptionBudget" || m_own->object.kind == "NetworkPolicy")
            checkSelector();
        if (m_own->object.kind == "Ingress")
            checkIngress();
        std::ranges::sort(m_found, {}, [](const Diagnostic& found) { return found.span.begin; });
        return std::move(m_found);
    }

private:
    std::string nameSpace() const
    {
        return m_own->object.nameSpace.empty() ? m_around.defaultNameSpace : m_own->object.nameSpace;
    }

    Diagnostic& add(Severity severity, std::string code, const Path& path, bool isKey, std::string message,
                    std::string advice)
    {
        return m_found.emplace_back(document::diagnosticAt(m_placed.text, m_placed.tree, m_placed.inDocument(path),
                                                           isKey, severity, std::move(code), std::move(message),
                                                           std::move(advice)));
    }

    void addCure(Diagnostic& found, const std::string& title, const Path& path, Value value) const
    {
        if (found.cures.size() < curesMax)
            found.cures.push_back({title, {SetValue{m_placed.inDocument(path), std::move(value)}}, {}});
    }

    void checkTwice()
    {
        for (const auto& other : m_around.objects) {
            if (&other == m_own)
                return; // the first of them is the one that may stay
            if (other.object == m_own->object && groupOf(other.apiVersion) == groupOf(m_own->apiVersion)) {
                add(Severity::Error, "defined-twice", Path{} / "metadata" / "name", false,
                    fmt::format("{} is described twice in this set", m_own->object.text()),
                    "Applied one after the other, the last one would win: keep one of them.");
                return;
            }
        }
    }

    static std::string_view groupOf(std::string_view apiVersion)
    {
        const auto slash = apiVersion.find('/');
        return slash == apiVersion.npos ? std::string_view() : apiVersion.substr(0, slash);
    }

    void addNames(Diagnostic& found, const Path& path, const std::string& word, const std::vector<std::string>& names)
    {
        if (const auto near = document::nearest(word, names); !near.empty())
            addCure(found, fmt::format("Change to {}", near), path, Value(near));
    }

    void checkReference(const Reference& reference)
    {
        const auto& target = reference.target;
        if (m_around.find(target) || m_around.isInCluster(target)) {
            if (reference.keyPath && !reference.key.empty())
                checkKey(reference);
            return;
        }
        if (reference.isOptional || target.kind.empty())
            return;
        const bool isKnown = m_around.knows(target.kind);
        auto& found = add(isKnown ? Severity::Warning : Severity::Hint, "missing-reference", reference.path, false,
                          isKnown ? fmt::format("{} is neither in this set nor in the cluster", target.text())
                                  : fmt::format("{} is not in this set", target.text()),
                          isKnown ? "Create it, or correct the name." : "The cluster must have it already.");
        addNames(found, reference.path, target.name, m_around.namesOf(target.kind, target.nameSpace));
        if (const auto made = skeleton(target, reference.key); !made.empty()) {
            const auto text = m_placed.text;
            const bool endsLine = text.empty() || text.back() == '\n';
            found.cures.push_back({fmt::format("Create {}", target.text()),
                                   {},
                                   {{text.size(), 0, (endsLine ? "---\n" : "\n---\n") + made}}});
        }
    }

    void checkKey(const Reference& reference)
    {
        const auto keys = m_around.keysOf(reference.target);
        if (!keys || keys->contains(reference.key) || reference.isOptional)
            return;
        auto& found = add(Severity::Warning, "missing-key", *reference.keyPath, false,
                          fmt::format("{} has no key {}", reference.target.text(), reference.key),
                          keys->empty() ? "It has no keys at all." : "A container that wants it would not start.");
        addNames(found, *reference.keyPath, reference.key, {keys->begin(), keys->end()});
        if (const auto* own = m_around.find(reference.target); own && found.cures.empty() && !keys->empty())
            for (const auto& key : *keys)
                addCure(found, fmt::format("Change to {}", key), *reference.keyPath, Value(key));
    }

    /// The workloads of the set whose pods have these labels.
    std::vector<const SetObject*> selected(const api::LabelSelector& selector) const
    {
        std::vector<const SetObject*> all;
        for (const auto& other : m_around.objects)
            if (other.object.nameSpace == nameSpace() && !podSpecPath(other.object.kind).empty() &&
                selector.matches(podLabelsOf(other.object.kind, other.value)))
                all.push_back(&other);
        return all;
    }

    bool selectsInCluster(const api::LabelSelector& selector) const
    {
        return std::ranges::any_of(m_around.clusterPods, [&](const auto& pod) {
            return pod.first == nameSpace() && selector.matches(pod.second);
        });
    }

    void addUnmatched(const Path& path, const api::Labels& wanted)
    {
        auto& found = add(Severity::Warning, "selects-nothing", path, true,
                          "The selector matches no pod template of this set, and no pod of the cluster",
                          "Compare it with the labels in the workload's template.");
        for (const auto& other : m_around.objects) {
            const auto labels = podLabelsOf(other.object.kind, other.value);
            if (labels.empty() || other.object.nameSpace != nameSpace())
                continue;
            api::Object pairs;
            for (const auto& [name, value] : wanted)
                if (const auto same = labels.find(name); same != labels.end())
                    pairs[name] = same->second;
            if (pairs.empty())
                pairs[labels.begin()->first] = labels.begin()->second;
            addCure(found, fmt::format("Select the pods of {}", other.object.text()), path, pairs);
        }
    }

    void checkService()
    {
        const auto labels = api::Labels(labelsAt(m_object, {"spec", "selector"}));
        if (labels.empty())
            return;
        const auto selector = api::LabelSelector::fromLabels(labels);
        const auto workloads = selected(selector);
        if (!workloads.empty())
            checkTargetPorts(workloads);
        else if (!selectsInCluster(selector))
            addUnmatched(Path{} / "spec" / "selector", labels);
    }

    void checkTargetPorts(const std::vector<const SetObject*>& workloads)
    {
        const auto* list = api::find(m_object, {"spec", "ports"});
        if (!list || !list->is_array())
            return;
        std::vector<Port> ports;
        for (const auto* workload : workloads)
            std::ranges::copy(portsOf(workload->object.kind, workload->value), std::back_inserter(ports));
        std::vector<std::string> names;
        for (const auto& port : ports)
            if (!port.name.empty())
                names.push_back(port.name);
        for (std::size_t i = 0; i < list->get_array().size(); ++i) {
            const auto* target = api::find(list->get_array()[i], {"targetPort"});
            const auto path = Path{} / "spec" / "ports" / i / "targetPort";
            if (!target)
                continue;
            if (target->is_string()) {
                const std::string name(target->get_string());
                if (std::ranges::find(names, name) != names.end())
                    continue;
                auto& found = add(Severity::Warning, "missing-port", path, false,
                                  fmt::format("No container that this service selects has a port named {}", name),
                                  "Name the container's port so, or say its number here.");
                addNames(found, path, name, names);
                for (const auto& port : ports)
                    addCure(found, fmt::format("Change to {}", port.number), path, port.number);
            } else if (const auto number = target->if_int64();
                       number && !ports.empty() && std::ranges::find(ports, *number, &Port::number) == ports.end()) {
                add(Severity::Hint, "undeclared-port", path, false,
                    fmt::format("No container that this service selects declares port {}", *number),
                    "It works when the process listens there; declared ports are easier to follow.");
            }
        }
    }

    void checkSelector()
    {
        const auto part = m_own->object.kind == "NetworkPolicy" ? "podSelector" : "selector";
        const auto* said = api::find(m_object, {"spec", part});
        const auto selector = said ? api::LabelSelector::fromObject(*said) : api::LabelSelector();
        if (!said || !selector || selector->empty() || !selected(*selector).empty() || selectsInCluster(*selector))
            return;
        addUnmatched(Path{} / "spec" / part / "matchLabels", labelsAt(m_object, {"spec", part, "matchLabels"}));
    }

    void checkIngress()
    {
        const auto* hosts = api::find(m_object, {"spec", "rules"});
        if (!hosts || !hosts->is_array())
            return;
        for (std::size_t i = 0; i < hosts->get_array().size(); ++i)
            if (const auto* paths = api::find(hosts->get_array()[i], {"http", "paths"}); paths && paths->is_array())
                for (std::size_t j = 0; j < paths->get_array().size(); ++j)
                    checkBackend(paths->get_array()[j],
                                 Path{} / "spec" / "rules" / i / "http" / "paths" / j / "backend" / "service" / "port");
    }

    void checkBackend(const Value& place, const Path& path)
    {
        const std::string name(api::stringAt(place, {"backend", "service", "name"}));
        const auto* service = m_around.find({"Service", nameSpace(), name});
        const auto* ports = service ? api::find(service->value, {"spec", "ports"}) : nullptr;
        if (!ports || !ports->is_array())
            return;
        const auto number = api::integerAt(place, {"backend", "service", "port", "number"});
        const auto portName = api::stringAt(place, {"backend", "service", "port", "name"});
        for (const auto& port : ports->get_array())
            if ((number > 0 && api::integerAt(port, {"port"}) == number) ||
                (!portName.empty() && api::stringAt(port, {"name"}) == portName))
                return;
        if (number == 0 && portName.empty())
            return;
        auto& found = add(Severity::Warning, "missing-port", path, false,
                          fmt::format("Service {} has no such port", name), "Requests would be answered with 503.");
        for (const auto& port : ports->get_array())
            if (const auto its = api::integerAt(port, {"port"}); its > 0)
                addCure(found, fmt::format("Change to {}", its), path, api::Object{{"number", its}});
    }

    static constexpr std::size_t curesMax = 4;

    const PlacedObject& m_placed;
    const Value& m_object;
    const Surroundings& m_around;
    const SetObject* m_own;
    std::vector<Diagnostic> m_found;
};

} // namespace

std::vector<Diagnostic> checkReferences(const PlacedObject& object, std::size_t source,
                                        const Surroundings& surroundings)
{
    return ReferenceCheck(object, source, surroundings).run();
}

} // namespace keelson::manifests
