// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/hints.h"

#include "manifests/surroundings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace keelson::manifests {

namespace {

using api::Value;
using document::Path;
using document::operator/; // Path is a vector: it is not found by its namespace
using document::SetValue;

constexpr std::array table{
    Practice{"no-limits", "Containers have a memory limit", "Without one, a leak takes the memory of its neighbours."},
    Practice{"no-requests", "Containers ask for CPU and memory",
             "The scheduler places by requests, and evicts first what asks for nothing."},
    Practice{"no-readiness", "Containers of services have a readiness probe",
             "Without one, a pod gets requests before it can answer them."},
    Practice{"no-liveness", "Long-running containers have a liveness probe",
             "Without one, a process that hangs is not restarted."},
    Practice{"latest-tag", "Images have a fixed tag or digest",
             "What \"latest\" means changes: a restart may bring another version."},
    Practice{"runs-as-root", "Containers do not run as root", "A break-out then owns the node."},
    Practice{"privileged", "Containers are not privileged", "A privileged container can do on the node what root can."},
    Practice{"host-access", "Pods do not use the node's namespaces or paths",
             "They can see or change what belongs to the node and to other pods."},
    Practice{"writable-root", "The root file system is read-only",
             "What is written there is lost on restart, and an intruder can write there, too."},
    Practice{"one-replica", "Deployments have at least two replicas", "With one, a node that fails takes it down."},
    Practice{"no-namespace", "Objects name their namespace", "Otherwise where they go depends on who applies them."},
    Practice{"no-app-label", "Workloads carry app.kubernetes.io/name", "Tools group and select by it."},
    Practice{"literal-secret", "Secrets come from a Secret",
             "A password in a manifest ends up in version control and in every listing."},
    Practice{"cluster-admin", "Nobody is bound to cluster-admin", "It may do everything, everywhere."},
    Practice{"wildcard-role", "Roles name what they allow", "With * they also allow what is added later."},
};

bool isWorkload(std::string_view kind)
{
    return kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "ReplicaSet";
}

/// "registry:5000/web:1.2@sha256:..." has a fixed version; "web" and "web:latest" have none.
bool hasFixedVersion(std::string_view image)
{
    if (image.contains('@'))
        return true;
    const auto name = image.substr(image.rfind('/') == image.npos ? 0 : image.rfind('/'));
    const auto colon = name.rfind(':');
    return colon != name.npos && name.substr(colon + 1) != "latest";
}

bool soundsSecret(std::string name)
{
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    constexpr std::array<std::string_view, 5> words{"PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY"};
    return std::ranges::any_of(words, [&](std::string_view word) { return name.contains(word); });
}

class PracticeCheck {
public:
    PracticeCheck(const PlacedObject& placed, const std::set<std::string, std::less<>>& off)
        : m_placed(placed), m_kind(api::stringAt(placed.object, {"kind"})), m_object(placed.object), m_off(off)
    {
    }

    std::vector<document::Diagnostic> run()
    {
        checkObject();
        if (const auto* pod = podSpecOf(m_kind, m_object)) {
            Path path;
            for (const auto& name : podSpecPath(m_kind))
                path.emplace_back(name);
            checkPod(*pod, path);
        }
        std::ranges::sort(m_found, {},
                          [](const document::Diagnostic& found) { return std::tie(found.span.begin, found.code); });
        return std::move(m_found);
    }

private:
    /// Null when the hint is switched off.
    document::Diagnostic* add(std::string_view code, const Path& path, bool isKey, std::string message)
    {
        if (m_off.contains(code))
            return nullptr;
        const auto practice = std::ranges::find(table, code, &Practice::code);
        return &m_found.emplace_back(document::diagnosticAt(m_placed.text, m_placed.tree, m_placed.inDocument(path),
                                                            isKey, document::Severity::Hint, std::string(code),
                                                            std::move(message), std::string(practice->why)));
    }

    void add(std::string_view code, const Path& path, bool isKey, std::string message, std::string cure, SetValue edit)
    {
        edit.path = m_placed.inDocument(edit.path);
        if (auto* found = add(code, path, isKey, std::move(message)))
            found->cures.push_back({std::move(cure), {std::move(edit)}, {}});
    }

    void checkObject()
    {
        if (isWorkload(m_kind) || m_kind == "Service" || m_kind == "ConfigMap")
            if (api::stringAt(m_object, {"metadata", "namespace"}).empty())
                add("no-namespace", Path{} / "metadata" / "name", true, "The object names no namespace",
                    "Say namespace: default", SetValue{Path{} / "metadata" / "namespace", Value("default")});
        if (isWorkload(m_kind) &&
            !labelsAt(m_object, {"metadata", "labels"}).contains(std::string_view("app.kubernetes.io/name")))
            add("no-app-label", Path{} / "metadata" / "name", true, "The label app.kubernetes.io/name is missing",
                "Add the label",
                SetValue{Path{} / "metadata" / "labels" / "app.kubernetes.io/name",
                         Value(std::string(api::stringAt(m_object, {"metadata", "name"})))});
        if (m_kind == "Deployment" && api::integerAt(m_object, {"spec", "replicas"}, 1) == 1)
            add("one-replica", Path{} / "spec" / "replicas", true, "One replica has no stand-in", "Run two",
                SetValue{Path{} / "spec" / "replicas", Value(2)});
        if (m_kind.ends_with("RoleBinding") && api::stringAt(m_object, {"roleRef", "name"}) == "cluster-admin")
            add("cluster-admin", Path{} / "roleRef" / "name", false, "This grants everything");
        if (m_kind == "Role" || m_kind == "ClusterRole")
            checkRole();
    }

    void checkRole()
    {
        const auto* rules = api::find(m_object, {"rules"});
        if (!rules || !rules->is_array())
            return;
        for (std::size_t i = 0; i < rules->get_array().size(); ++i)
            for (const auto* part : {"verbs", "resources"})
                if (const auto* words = api::find(rules->get_array()[i], {part}); words && words->is_array())
                    if (std::ranges::find(words->get_array(), Value("*")) != words->get_array().end())
                        add("wildcard-role", Path{} / "rules" / i / part, true, fmt::format("* in {}", part));
    }

    void checkPod(const Value& pod, const Path& path)
    {
        for (const auto* flag : {"hostNetwork", "hostPID", "hostIPC"})
            if (api::boolAt(pod, {flag}))
                add("host-access", path / flag, true, fmt::format("{} opens the node to the pod", flag));
        if (const auto* volumes = api::find(pod, {"volumes"}); volumes && volumes->is_array())
            for (std::size_t i = 0; i < volumes->get_array().size(); ++i)
                if (api::find(volumes->get_array()[i], {"hostPath"}))
                    add("host-access", path / "volumes" / i / "hostPath", true, "hostPath mounts a path of the node");
        const auto* list = api::find(pod, {"containers"});
        if (!list || !list->is_array())
            return;
        for (std::size_t i = 0; i < list->get_array().size(); ++i)
            if (list->get_array()[i].is_object())
                checkContainer(pod, list->get_array()[i], path / "containers" / i);
    }

    void checkContainer(const Value& pod, const Value& container, const Path& path)
    {
        const std::string image(api::stringAt(container, {"image"}));
        if (!image.empty() && !hasFixedVersion(image))
            add("latest-tag", path / "image", false, fmt::format("{} has no fixed version", image));
        if (!api::find(container, {"resources", "limits", "memory"}))
            add("no-limits", path / "name", true, "The container has no memory limit", "Add a limit of 256Mi",
                SetValue{path / "resources" / "limits" / "memory", Value("256Mi")});
        if (!api::find(container, {"resources", "requests"}))
            add("no-requests", path / "name", true, "The container asks for no CPU and memory",
                "Ask for 100m and 128Mi",
                SetValue{path / "resources" / "requests", Value(api::Object{{"cpu", "100m"}, {"memory", "128Mi"}})});
        if (isWorkload(m_kind))
            checkProbes(container, path);
        checkSecurity(pod, container, path);
        checkEnvironment(container, path);
    }

    void checkProbes(const Value& container, const Path& path)
    {
        const auto* ports = api::find(container, {"ports"});
        const bool isServed = ports && ports->is_array() && !ports->get_array().empty();
        const auto port = isServed ? api::integerAt(ports->get_array().front(), {"containerPort"}) : 0;
        for (const auto& [probe, code] :
             {std::pair{"readinessProbe", "no-readiness"}, {"livenessProbe", "no-liveness"}}) {
            if (!isServed || api::find(container, {probe}))
                continue;
            add(code, path / "name", true, fmt::format("The container has no {}", probe),
                fmt::format("Probe port {}", port),
                SetValue{path / probe, Value(api::Object{{"tcpSocket", api::Object{{"port", port}}}})});
        }
    }

    void checkSecurity(const Value& pod, const Value& container, const Path& path)
    {
        if (api::boolAt(container, {"securityContext", "privileged"}))
            add("privileged", path / "securityContext" / "privileged", true, "The container is privileged",
                "Take the privilege away", SetValue{path / "securityContext" / "privileged", Value(false)});
        const bool isCareful = api::boolAt(container, {"securityContext", "runAsNonRoot"}) ||
                               api::boolAt(pod, {"securityContext", "runAsNonRoot"}) ||
                               api::integerAt(container, {"securityContext", "runAsUser"}) > 0 ||
                               api::integerAt(pod, {"securityContext", "runAsUser"}) > 0;
        if (!isCareful)
            add("runs-as-root", path / "name", true, "Nothing keeps the container from running as root",
                "Set runAsNonRoot", SetValue{path / "securityContext" / "runAsNonRoot", Value(true)});
        if (!api::boolAt(container, {"securityContext", "readOnlyRootFilesystem"}))
            add("writable-root", path / "name", true, "The container may write to its root file system",
                "Make it read-only", SetValue{path / "securityContext" / "readOnlyRootFilesystem", Value(true)});
    }

    void checkEnvironment(const Value& container, const Path& path)
    {
        const auto* list = api::find(container, {"env"});
        if (!list || !list->is_array())
            return;
        for (std::size_t i = 0; i < list->get_array().size(); ++i) {
            const std::string name(api::stringAt(list->get_array()[i], {"name"}));
            if (soundsSecret(name) && !api::stringAt(list->get_array()[i], {"value"}).empty())
                add("literal-secret", path / "env" / i / "value", false,
                    fmt::format("{} holds its value in the manifest", name));
        }
    }

    const PlacedObject& m_placed;
    std::string_view m_kind;
    const Value& m_object;
    const std::set<std::string, std::less<>>& m_off;
    std::vector<document::Diagnostic> m_found;
};

} // namespace

std::span<const Practice> practices()
{
    return table;
}

std::vector<document::Diagnostic> checkPractices(const PlacedObject& object,
                                                 const std::set<std::string, std::less<>>& off)
{
    return PracticeCheck(object, off).run();
}

} // namespace keelson::manifests
