// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/item_cells.h"

#include "models/read.h"

#include <QCoreApplication>
#include <QHash>

#include <algorithm>
#include <limits>

namespace keelson::ui {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Cells", text);
}

using Fill = void (*)(const api::Value&, Item&);

Cell number(qint64 value)
{
    return {QString::number(value), static_cast<double>(value)};
}

Cell ratio(qint64 part, qint64 whole)
{
    return {QStringLiteral("%1/%2").arg(part).arg(whole),
            whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole)};
}

/// "12" of "[a, b, ...]": the first few words of a list that may be long.
QString few(const QStringList& words, qsizetype most = 3)
{
    if (words.size() <= most)
        return words.join(QStringLiteral(", "));
    return words.mid(0, most).join(QStringLiteral(", ")) + QStringLiteral(" +%1").arg(words.size() - most);
}

QString owner(const Item& item)
{
    return item.ownerName.isEmpty() ? QString() : item.ownerKind + QLatin1Char('/') + item.ownerName;
}

QString labelsText(const Labels& labels)
{
    QStringList parts;
    for (auto it = labels.begin(); it != labels.end(); ++it)
        parts << it.key() + QLatin1Char('=') + it.value();
    return parts.join(QLatin1Char(','));
}

void fillPod(const api::Value& pod, Item& item)
{
    PodFacts facts;
    facts.node = textAt(pod, {"spec", "nodeName"});
    facts.ip = textAt(pod, {"status", "podIP"});
    facts.phase = textAt(pod, {"status", "phase"});
    for (const auto& container : listAt(pod, {"spec", "containers"})) {
        ++facts.containers;
        facts.containerNames << textAt(container, {"name"});
        facts.cpuMilli += quantityMilli(textAt(container, {"resources", "requests", "cpu"}));
        facts.memoryBytes += quantityMilli(textAt(container, {"resources", "requests", "memory"})) / 1000;
    }
    for (const auto& container : listAt(pod, {"spec", "initContainers"}))
        facts.containerNames << textAt(container, {"name"});
    for (const auto& container : listAt(pod, {"status", "containerStatuses"})) {
        facts.containersReady += api::boolAt(container, {"ready"}) ? 1 : 0;
        facts.restarts += static_cast<int>(api::integerAt(container, {"restartCount"}));
    }
    item.status = podStatus(pod);
    item.cells << ratio(facts.containersReady, facts.containers) << number(facts.restarts)
               << Cell{facts.cpuMilli ? coresText(facts.cpuMilli) : QString(), static_cast<double>(facts.cpuMilli)}
               << Cell{facts.memoryBytes ? bytesText(facts.memoryBytes) : QString(),
                       static_cast<double>(facts.memoryBytes)}
               << Cell{facts.node} << Cell{facts.ip} << Cell{owner(item)};
    item.facts = std::move(facts);
}

void fillNode(const api::Value& node, Item& item)
{
    NodeFacts facts;
    const auto allocatable = [&node](std::string_view resource) {
        const auto text = textAt(node, {"status", "allocatable", resource});
        return quantityMilli(text.isEmpty() ? textAt(node, {"status", "capacity", resource}) : text);
    };
    facts.cpuMilli = allocatable("cpu");
    facts.memoryBytes = allocatable("memory") / 1000;
    facts.pods = allocatable("pods") / 1000;
    facts.unschedulable = api::boolAt(node, {"spec", "unschedulable"});
    QStringList roles;
    const QString prefix = QStringLiteral("node-role.kubernetes.io/");
    for (auto it = item.labels.begin(); it != item.labels.end(); ++it)
        if (it.key().startsWith(prefix))
            roles << it.key().mid(prefix.size());
    QString address;
    for (const auto& entry : listAt(node, {"status", "addresses"}))
        if (address.isEmpty() || api::stringAt(entry, {"type"}) == "InternalIP")
            address = textAt(entry, {"address"});
    item.status = nodeStatus(node);
    item.cells << Cell{roles.join(QStringLiteral(", "))}
               << Cell{coresText(facts.cpuMilli), static_cast<double>(facts.cpuMilli)}
               << Cell{bytesText(facts.memoryBytes), static_cast<double>(facts.memoryBytes)} << number(facts.pods)
               << Cell{address} << Cell{textAt(node, {"status", "nodeInfo", "kubeletVersion"})};
    item.facts = facts;
}

void fillDeployment(const api::Value& deployment, Item& item)
{
    WorkloadFacts facts;
    facts.wanted = api::integerAt(deployment, {"spec", "replicas"}, 1);
    facts.ready = api::integerAt(deployment, {"status", "readyReplicas"});
    facts.selector = labelsAt(deployment, {"spec", "selector", "matchLabels"});
    QStringList images;
    for (const auto& container : listAt(deployment, {"spec", "template", "spec", "containers"}))
        images << textAt(container, {"image"});
    item.status = deploymentStatus(deployment);
    item.cells << ratio(facts.ready, facts.wanted) << number(api::integerAt(deployment, {"status", "updatedReplicas"}))
               << number(api::integerAt(deployment, {"status", "availableReplicas"})) << Cell{few(images)};
    item.facts = std::move(facts);
}

void fillReplicaSet(const api::Value& set, Item& item)
{
    WorkloadFacts facts;
    facts.wanted = api::integerAt(set, {"spec", "replicas"}, 1);
    facts.ready = api::integerAt(set, {"status", "readyReplicas"});
    facts.selector = labelsAt(set, {"spec", "selector", "matchLabels"});
    item.status = replicaSetStatus(set);
    item.cells << number(facts.wanted) << number(api::integerAt(set, {"status", "replicas"})) << number(facts.ready)
               << Cell{owner(item)};
    item.facts = std::move(facts);
}

void fillService(const api::Value& service, Item& item)
{
    ServiceFacts facts;
    facts.selector = labelsAt(service, {"spec", "selector"});
    facts.clusterIp = textAt(service, {"spec", "clusterIP"});
    for (const auto& port : listAt(service, {"spec", "ports"})) {
        auto text = textAt(port, {"port"});
        if (const auto target = textAt(port, {"targetPort"}); !target.isEmpty() && target != text)
            text += QStringLiteral("→") + target;
        if (const auto protocol = textAt(port, {"protocol"}); !protocol.isEmpty() && protocol != QLatin1String("TCP"))
            text += QLatin1Char('/') + protocol;
        if (const auto nodePort = textAt(port, {"nodePort"}); !nodePort.isEmpty())
            text += QStringLiteral(" (%1)").arg(nodePort);
        facts.ports << text;
    }
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << Cell{textAt(service, {"spec", "type"})} << Cell{facts.clusterIp} << Cell{few(facts.ports)}
               << Cell{labelsText(facts.selector)};
    item.facts = std::move(facts);
}

void fillEndpointSlice(const api::Value& slice, Item& item)
{
    SliceFacts facts;
    facts.service = item.labels.value(QStringLiteral("kubernetes.io/service-name"));
    QStringList addresses;
    for (const auto& endpoint : listAt(slice, {"endpoints"})) {
        for (const auto& address : listAt(endpoint, {"addresses"}))
            if (address.is_string())
                addresses << toText(address.get_string());
        if (const auto uid = textAt(endpoint, {"targetRef", "uid"}); !uid.isEmpty())
            facts.podUids << uid;
    }
    QStringList ports;
    for (const auto& port : listAt(slice, {"ports"}))
        ports << textAt(port, {"port"});
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << Cell{facts.service} << Cell{textAt(slice, {"addressType"})} << Cell{few(ports)}
               << Cell{few(addresses, 4)};
    item.facts = std::move(facts);
}

void fillEndpoints(const api::Value& endpoints, Item& item)
{
    QStringList all;
    for (const auto& subset : listAt(endpoints, {"subsets"}))
        for (const auto& address : listAt(subset, {"addresses"}))
            for (const auto& port : listAt(subset, {"ports"}))
                all << textAt(address, {"ip"}) + QLatin1Char(':') + textAt(port, {"port"});
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << Cell{few(all, 5)};
}

void fillConfigMap(const api::Value& map, Item& item)
{
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << number(static_cast<qint64>(membersAt(map, {"data"}).size() + membersAt(map, {"binaryData"}).size()));
}

void fillSecret(const api::Value& secret, Item& item)
{
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << Cell{textAt(secret, {"type"})} << number(static_cast<qint64>(membersAt(secret, {"data"}).size()));
}

void fillServiceAccount(const api::Value& account, Item& item)
{
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << number(static_cast<qint64>(listAt(account, {"secrets"}).size()));
}

void fillLease(const api::Value& lease, Item& item)
{
    item.status = {StatusRole::Ok, {}, {}};
    const auto renewed = textAt(lease, {"spec", "renewTime"});
    item.cells << Cell{textAt(lease, {"spec", "holderIdentity"})}
               << Cell{renewed.mid(11, 8), static_cast<double>(timeAt(lease, {"spec", "renewTime"}))};
}

QStringList words(const api::Array& list)
{
    QStringList all;
    for (const auto& word : list)
        if (word.is_string())
            all << toText(word.get_string());
    return all;
}

/// "get/list pods, services": of a rule of a role.
QString grantText(const api::Value& rule, qsizetype most)
{
    const auto named = [](QStringList all, const QString& every) {
        return all.contains(QStringLiteral("*")) ? QStringList{every} : std::move(all);
    };
    const auto verbs = named(words(listAt(rule, {"verbs"})), tr("do anything with"));
    const auto what = named(words(listAt(rule, {"resources"})), tr("every resource")) +
                      named(words(listAt(rule, {"nonResourceURLs"})), tr("every URL"));
    return verbs.join(QLatin1Char('/')) + QLatin1Char(' ') + few(what, most);
}

void fillRole(const api::Value& role, Item& item)
{
    const auto& rules = listAt(role, {"rules"});
    QStringList grants;
    for (const auto& rule : rules)
        grants << grantText(rule, 4);
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << number(static_cast<qint64>(rules.size())) << Cell{few(grants, 2)};
}

void fillBinding(const api::Value& binding, Item& item)
{
    QStringList subjects;
    for (const auto& subject : listAt(binding, {"subjects"})) {
        const auto space = textAt(subject, {"namespace"});
        subjects << textAt(subject, {"kind"}) + QLatin1Char(' ') +
                        (space.isEmpty() ? QString() : space + QLatin1Char('/')) + textAt(subject, {"name"});
    }
    item.status = {StatusRole::Ok, {}, {}};
    item.cells << Cell{textAt(binding, {"roleRef", "kind"}) + QLatin1Char('/') + textAt(binding, {"roleRef", "name"})}
               << Cell{few(subjects)};
}

void fillNamespace(const api::Value& nameSpace, Item& item)
{
    item.status = namespaceStatus(nameSpace);
}

void fillEvent(const api::Value& event, Item& item)
{
    EventFacts facts;
    facts.reason = textAt(event, {"reason"});
    facts.message = textAt(event, {"message"});
    facts.objectKind = textAt(event, {"involvedObject", "kind"});
    facts.objectNameSpace = textAt(event, {"involvedObject", "namespace"});
    facts.objectName = textAt(event, {"involvedObject", "name"});
    facts.objectUid = textAt(event, {"involvedObject", "uid"});
    facts.count = std::max<qint64>({1, api::integerAt(event, {"count"}), api::integerAt(event, {"series", "count"})});
    facts.lastMs = std::max({timeAt(event, {"lastTimestamp"}), timeAt(event, {"series", "lastObservedTime"}),
                             timeAt(event, {"eventTime"}), item.createdMs});
    item.createdMs = facts.lastMs; // the age of an event is when it was last seen
    item.status = eventStatus(event);
    item.cells << Cell{facts.reason} << Cell{facts.objectKind + QLatin1Char('/') + facts.objectName}
               << Cell{facts.message.simplified()} << number(facts.count);
    item.facts = std::move(facts);
}

const QHash<QString, Fill>& fills()
{
    static const QHash<QString, Fill> all{
        {QStringLiteral("pods"), fillPod},
        {QStringLiteral("nodes"), fillNode},
        {QStringLiteral("deployments"), fillDeployment},
        {QStringLiteral("replicasets"), fillReplicaSet},
        {QStringLiteral("services"), fillService},
        {QStringLiteral("endpointslices"), fillEndpointSlice},
        {QStringLiteral("endpoints"), fillEndpoints},
        {QStringLiteral("configmaps"), fillConfigMap},
        {QStringLiteral("secrets"), fillSecret},
        {QStringLiteral("leases"), fillLease},
        {QStringLiteral("serviceaccounts"), fillServiceAccount},
        {QStringLiteral("roles"), fillRole},
        {QStringLiteral("clusterroles"), fillRole},
        {QStringLiteral("rolebindings"), fillBinding},
        {QStringLiteral("clusterrolebindings"), fillBinding},
        {QStringLiteral("namespaces"), fillNamespace},
        {QStringLiteral("events"), fillEvent},
    };
    return all;
}

} // namespace

Labels labelsAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    Labels labels;
    for (const auto& [key, text] : membersAt(value, path))
        if (text.is_string())
            labels.insert(toText(key), toText(text.get_string()));
    return labels;
}

QString ruleText(const api::Value& rule)
{
    auto text = grantText(rule, std::numeric_limits<qsizetype>::max());
    auto groups = words(listAt(rule, {"apiGroups"}));
    std::ranges::replace(groups, QString(), tr("core"));
    if (groups.contains(QStringLiteral("*")))
        text = tr("%1 of every group").arg(text);
    else if (!groups.isEmpty() && groups != QStringList{tr("core")})
        text = tr("%1 of %2").arg(text, groups.join(QStringLiteral(", ")));
    if (const auto names = words(listAt(rule, {"resourceNames"})); !names.isEmpty())
        text = tr("%1, only %2").arg(text, names.join(QStringLiteral(", ")));
    return text;
}

void fillCells(const api::Value& object, Item& item)
{
    if (const auto fill = fills().value(item.kind->id))
        fill(object, item);
}

} // namespace keelson::ui
