// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/palette.h"

#include "design/connect.h"
#include "document/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::design {

namespace {

constexpr std::size_t nameBytesMax = 63;

constexpr std::string_view replicatedPods = R"(
spec:
  replicas: 1
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: NAME
          image: nginx:1.27
          ports:
            - name: http
              containerPort: 80
)";
constexpr std::string_view statefulPods = R"(
spec:
  serviceName: NAME
  replicas: 1
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: NAME
          image: redis:7
          ports:
            - name: redis
              containerPort: 6379
)";
constexpr std::string_view daemonPods = R"(
spec:
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: NAME
          image: busybox:1.36
          command: ["sh", "-c", "while true; do date; sleep 60; done"]
)";
constexpr std::string_view jobPods = R"(
spec:
  backoffLimit: 3
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: NAME
          image: busybox:1.36
          command: ["sh", "-c", "echo done"]
)";
constexpr std::string_view cronPods = R"(
spec:
  schedule: "0 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: NAME
              image: busybox:1.36
              command: ["sh", "-c", "date"]
)";
constexpr std::string_view service = R"(
spec:
  selector:
    app: NAME
  ports:
    - name: http
      port: 80
)";
constexpr std::string_view ingress = R"(
spec:
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: NAME
                port:
                  number: 80
)";
constexpr std::string_view configMap = R"(
data:
  LOG_LEVEL: info
)";
constexpr std::string_view secret = R"(
type: Opaque
stringData:
  PASSWORD: change-me
)";
constexpr std::string_view claim = R"(
spec:
  accessModes: ["ReadWriteOnce"]
  resources:
    requests:
      storage: 1Gi
)";
constexpr std::string_view autoscaler = R"(
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: NAME
  minReplicas: 2
  maxReplicas: 6
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 80
)";
constexpr std::string_view budget = R"(
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: NAME
)";
constexpr std::string_view policy = R"(
spec:
  podSelector:
    matchLabels:
      app: NAME
  policyTypes: ["Ingress"]
)";
constexpr std::string_view role = R"(
rules:
  - apiGroups: [""]
    resources: ["pods", "services", "configmaps"]
    verbs: ["get", "list", "watch"]
)";
constexpr std::string_view binding = R"(
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: NAME
subjects:
  - kind: ServiceAccount
    name: default
    namespace: NAMESPACE
)";

constexpr std::array entries{
    PaletteEntry{"Workloads", "apps/v1", "Deployment", "web",
                 "Keeps a number of like pods running and rolls out new versions.", replicatedPods},
    PaletteEntry{"Workloads", "apps/v1", "ReplicaSet", "web", "Keeps a number of like pods running.", replicatedPods},
    PaletteEntry{"Workloads", "apps/v1", "StatefulSet", "store", "Pods with names and storage of their own.",
                 statefulPods},
    PaletteEntry{"Workloads", "apps/v1", "DaemonSet", "agent", "One pod on each node.", daemonPods},
    PaletteEntry{"Workloads", "batch/v1", "Job", "job", "Runs pods until their work is done.", jobPods},
    PaletteEntry{"Workloads", "batch/v1", "CronJob", "job", "Starts a job by the clock.", cronPods},
    PaletteEntry{"Network", "v1", "Service", "web", "One address for the pods behind it.", service},
    PaletteEntry{"Network", "networking.k8s.io/v1", "Ingress", "web",
                 "Leads requests from outside to Services, by host and path.", ingress},
    PaletteEntry{"Network", "networking.k8s.io/v1", "NetworkPolicy", "web", "Says who may talk to the pods it guards.",
                 policy},
    PaletteEntry{"Configuration", "v1", "ConfigMap", "settings", "Settings for pods, as variables or files.",
                 configMap},
    PaletteEntry{"Configuration", "v1", "Secret", "credentials", "The same for what is not to be seen.", secret},
    PaletteEntry{"Configuration", "v1", "PersistentVolumeClaim", "data", "Storage that outlives its pods.", claim},
    PaletteEntry{"Scaling", "autoscaling/v2", "HorizontalPodAutoscaler", "web",
                 "Changes the number of pods by their load.", autoscaler},
    PaletteEntry{"Scaling", "policy/v1", "PodDisruptionBudget", "web",
                 "How many pods must keep running while nodes are drained.", budget},
    PaletteEntry{"Access", "v1", "ServiceAccount", "app", "Who the pods are when they talk to the API.", ""},
    PaletteEntry{"Access", "rbac.authorization.k8s.io/v1", "Role", "reader", "What may be done in the namespace.",
                 role},
    PaletteEntry{"Access", "rbac.authorization.k8s.io/v1", "RoleBinding", "reader", "Gives a role to accounts.",
                 binding},
    PaletteEntry{"Cluster", "v1", "Namespace", "app", "Keeps the objects of a team or an application apart.", ""},
};

void replaceAll(std::string& text, std::string_view word, std::string_view by)
{
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + by.size()))
        text.replace(at, word.size(), by);
}

void renameLabels(api::Value* labels, std::string_view from, std::string_view to)
{
    if (!labels || !labels->is_object())
        return;
    for (auto& member : labels->get_object())
        if (member.value().is_string() && std::string_view(member.value().get_string()) == from)
            member.value() = to;
}

/// The kinds of which an object of this kind names one, each set of them by itself.
std::vector<std::vector<std::string_view>> wantedBy(std::string_view kind)
{
    const std::vector<std::string_view> scaled{"Deployment", "StatefulSet", "ReplicaSet"};
    if (kind == "Service" || kind == "HorizontalPodAutoscaler" || kind == "PodDisruptionBudget" ||
        kind == "NetworkPolicy")
        return {scaled};
    if (kind == "Ingress")
        return {{"Service"}};
    if (kind == "RoleBinding")
        return {{"Role"}, {"ServiceAccount"}};
    return {};
}

/// Connects the last card to the only one of these kinds in its namespace, where there is just one.
void connectToOnly(std::vector<Card>& cards, const std::vector<std::string_view>& kinds)
{
    const auto last = cards.size() - 1;
    std::optional<std::size_t> only;
    for (std::size_t i = 0; i < last; ++i)
        if (std::ranges::find(kinds, cards[i].object.kind) != kinds.end() &&
            cards[i].object.nameSpace == cards[last].object.nameSpace) {
            if (only)
                return;
            only = i;
        }
    if (!only)
        return;
    const auto offers = offersBetween(cards, last, *only);
    if (offers.empty() || offers.front().edits.size() != 1 || offers.front().edits.front().first != last)
        return;
    for (const auto& edit : offers.front().edits.front().second)
        if (auto after = document::applied(cards[last].value, edit))
            cards[last].value = *std::move(after);
}

} // namespace

std::span<const PaletteEntry> palette()
{
    return entries;
}

std::vector<const PaletteEntry*> paletteOf(const document::Kinds& kinds)
{
    std::vector<const PaletteEntry*> known;
    for (const auto& entry : entries)
        if (kinds.find(entry.apiVersion, entry.kind))
            known.push_back(&entry);
    return known;
}

const PaletteEntry* paletteEntry(std::string_view kind)
{
    const auto* found = std::ranges::find(entries, kind, &PaletteEntry::kind);
    return found == entries.end() ? nullptr : found;
}

std::string filledIn(std::string text, std::string_view name, std::string_view nameSpace)
{
    replaceAll(text, "NAMESPACE", nameSpace);
    replaceAll(text, "NAME", name);
    return text;
}

std::string starterText(const PaletteEntry& entry)
{
    return fmt::format("apiVersion: {}\nkind: {}\nmetadata:\n  name: NAME\n{}", entry.apiVersion, entry.kind,
                       entry.manifest.empty() ? entry.manifest : entry.manifest.substr(1));
}

api::Value starter(const PaletteEntry& entry, std::string_view name, std::string_view nameSpace)
{
    const auto isIn = !nameSpace.empty() && entry.kind != "Namespace";
    auto value = *api::parseYaml(filledIn(starterText(entry), name, isIn ? nameSpace : "default"));
    if (isIn)
        api::objectAt(value, {"metadata"})["namespace"] = nameSpace;
    return value;
}

api::Value starterIn(const PaletteEntry& entry, const std::vector<Card>& cards, const std::string& nameSpace,
                     const std::string& defaultNameSpace)
{
    const auto name = freshName(cards, entry.kind, entry.name);
    auto value = starter(entry, name, nameSpace == defaultNameSpace ? std::string_view() : nameSpace);
    const bool isService = entry.kind == "Service";
    if (isService)
        api::objectAt(value, {"spec"}).stable_erase("selector");
    if (entry.kind == "Ingress")
        api::find(value, {"spec", "rules"})->get_array().front() = api::Object();
    auto all = cards;
    all.push_back({.apiVersion = std::string(entry.apiVersion),
                   .object = {std::string(entry.kind), nameSpace, name},
                   .namespaced = entry.kind != "Namespace",
                   .value = value});
    for (const auto& kinds : wantedBy(entry.kind))
        connectToOnly(all, kinds);
    auto& made = all.back().value;
    // Nothing to lead to yet: what the starter says stands, though it names what is not there.
    return entry.kind == "Ingress" &&
                   !api::find(made, {"spec", "rules"})->get_array().front().get_object().contains("http")
               ? starter(entry, name, nameSpace == defaultNameSpace ? std::string_view() : nameSpace)
               : made;
}

std::string freshName(const std::vector<Card>& cards, std::string_view kind, std::string_view wanted)
{
    std::set<std::string, std::less<>> taken;
    for (const auto& card : cards)
        if (card.object.kind == kind)
            taken.insert(card.object.name);
    // "web-2" and its copy are "web-2" and "web-3"
    std::string_view base = wanted;
    if (const auto dash = base.rfind('-'); dash != base.npos && dash > 0 && dash + 1 < base.size() &&
                                           base.substr(dash + 1).find_first_not_of("0123456789") == base.npos &&
                                           taken.contains(wanted))
        base = base.substr(0, dash);
    std::string name(wanted.substr(0, nameBytesMax));
    for (int i = 2; taken.contains(name); ++i) {
        const auto tail = fmt::format("-{}", i);
        name = std::string(base.substr(0, nameBytesMax - tail.size())) + tail;
    }
    return name;
}

std::string writtenLike(const document::ManifestText& manifest, const api::Value& object)
{
    document::ManifestText alone{std::string(manifest.textOf(0))};
    const auto before = alone.text().size();
    alone.insertDocument(alone.documents(), object, {});
    auto text = alone.text().substr(before);
    const auto body = text.find_first_not_of("\r\n");
    text.erase(0, body == text.npos ? 0 : body);
    return text.starts_with("---") ? text.substr(text.find('\n') + 1) : text;
}

namespace {

/// A document as one that others may stand before: where comments or directives come first, its "---" would begin
/// another one. A comment behind it stays.
std::string withoutInnerMarker(std::string text)
{
    auto line = document::skipBlanksAndComments(text, 0);
    while (line < text.size() && text[line] == '%') {
        text.erase(line, document::nextLine(text, line) - line);
        line = document::skipBlanksAndComments(text, line);
    }
    if (line == 0 || !document::isMarker(text, line, "---"))
        return text;
    const auto rest = document::skipSpaces(text, line + 3);
    text.erase(line, (rest == document::lineEnd(text, line) ? document::nextLine(text, line) : rest) - line);
    return text;
}

} // namespace

Result<std::vector<std::string>> freshCopies(const std::vector<Card>& cards, std::string_view stream,
                                             const document::Kinds& kinds, const std::string& defaultNameSpace)
{
    std::vector<std::string> texts;
    auto all = cards;
    const document::ManifestText whole{std::string(stream)};
    for (std::size_t i = 0; i < whole.documents(); ++i) {
        document::ManifestText one{std::string(whole.textOf(i))};
        if (const auto& error = one.tree(0)->error())
            return fail(Reason::BadRequest,
                        fmt::format("line {}: {}", whole.lineOf(i) + error->line + 1, error->message));
        CardList list;
        list.update({{1, 0, 1, one.textOf(0), one.tree(0)}}, kinds, defaultNameSpace);
        bool isAny = false;
        for (auto card : list.cards()) {
            if (!card.isShown())
                continue;
            isAny = true;
            const auto name = freshName(all, card.object.kind, card.object.name);
            if (name != card.object.name)
                TRY_OK(one.edit(
                    0, inDocument(card, document::difference({}, card.value, renamedCopy(card.value, name))), {}));
            card.object.name = name;
            all.push_back(std::move(card));
        }
        if (isAny)
            texts.push_back(withoutInnerMarker(one.text()));
    }
    if (texts.empty())
        return fail(Reason::BadRequest, "there is no manifest in it");
    return texts;
}

api::Value renamedCopy(api::Value object, std::string_view name)
{
    const std::string before(api::stringAt(object, {"metadata", "name"}));
    api::objectAt(object, {"metadata"})["name"] = name;
    if (manifests::podSpecPath(api::stringAt(object, {"kind"})).empty())
        return object;
    renameLabels(api::find(object, {"metadata", "labels"}), before, name);
    renameLabels(api::find(object, {"spec", "selector", "matchLabels"}), before, name);
    renameLabels(api::find(object, {"spec", "template", "metadata", "labels"}), before, name);
    return object;
}

} // namespace keelson::design
