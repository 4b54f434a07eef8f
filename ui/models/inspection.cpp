// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/inspection.h"

#include "api/base64.h"
#include "models/item_cells.h"
#include "models/read.h"

#include <boost/json/serialize.hpp>

#include <QCoreApplication>
#include <QStringDecoder>

#include <algorithm>

namespace keelson::ui {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Inspection", text);
}

void add(QVector<Inspection::Line>& lines, const QString& name, const QString& value)
{
    if (!value.isEmpty())
        lines.push_back({name, value});
}

QString pairs(const api::Object& members)
{
    QStringList parts;
    for (const auto& [key, value] : members)
        parts << toText(key) + QLatin1Char('=') +
                     (value.is_string() ? toText(value.get_string()) : toText(boost::json::serialize(value)));
    return parts.join(QLatin1Char('\n'));
}

QString resources(const api::Value& container, std::string_view what)
{
    QStringList parts;
    for (const auto& [key, value] : membersAt(container, {"resources", what}))
        if (value.is_string())
            parts << QStringLiteral("%1 %2").arg(toText(key), quantityText(toText(key), toText(value.get_string())));
    return parts.join(QStringLiteral(", "));
}

/// Conditions that are well when they are false.
bool isBadWhenTrue(const QString& type)
{
    return type.endsWith(QLatin1String("Pressure")) || type.endsWith(QLatin1String("Failure")) ||
           type == QLatin1String("NetworkUnavailable") || type == QLatin1String("DisruptionTarget");
}

QVector<Inspection::Condition> conditionsOf(const api::Value& object)
{
    QVector<Inspection::Condition> conditions;
    for (const auto& entry : listAt(object, {"status", "conditions"})) {
        Inspection::Condition condition;
        condition.type = textAt(entry, {"type"});
        const auto state = textAt(entry, {"status"});
        const bool isTrue = state == QLatin1String("True");
        if (state != QLatin1String("True") && state != QLatin1String("False"))
            condition.role = StatusRole::Unknown;
        else
            condition.role = isTrue != isBadWhenTrue(condition.type) ? StatusRole::Ok
                             : isTrue                                ? StatusRole::Error
                                                                     : StatusRole::Waiting;
        const auto reason = textAt(entry, {"reason"});
        const auto message = textAt(entry, {"message"});
        condition.words = message.isEmpty() ? (reason.isEmpty() ? state : reason) : message;
        conditions << condition;
    }
    return conditions;
}

Inspection::Container containerOf(const api::Value& spec, const api::Value& pod, std::string_view statuses)
{
    Inspection::Container container;
    container.name = textAt(spec, {"name"});
    container.image = textAt(spec, {"image"});
    QStringList ports;
    for (const auto& port : listAt(spec, {"ports"}))
        ports << textAt(port, {"containerPort"}) + QLatin1Char('/') +
                     (textAt(port, {"protocol"}).isEmpty() ? QStringLiteral("TCP") : textAt(port, {"protocol"}));
    add(container.lines, tr("Ports"), ports.join(QStringLiteral(", ")));
    add(container.lines, tr("Requests"), resources(spec, "requests"));
    add(container.lines, tr("Limits"), resources(spec, "limits"));
    for (const auto& status : listAt(pod, {"status", statuses})) {
        if (textAt(status, {"name"}) != container.name)
            continue;
        const auto restarts = api::integerAt(status, {"restartCount"});
        add(container.lines, tr("Restarts"), restarts ? QString::number(restarts) : QString());
        if (api::find(status, {"state", "running"})) {
            const bool isReady = api::boolAt(status, {"ready"});
            container.role = isReady ? StatusRole::Ok : StatusRole::Progress;
            container.state = isReady ? tr("Running") : tr("Not ready");
        } else if (api::find(status, {"state", "waiting"})) {
            container.state = textAt(status, {"state", "waiting", "reason"});
            container.role =
                container.state.contains(QLatin1String("BackOff")) || container.state.startsWith(QLatin1String("Err"))
                    ? StatusRole::Error
                    : StatusRole::Progress;
            add(container.lines, tr("Why"), textAt(status, {"state", "waiting", "message"}));
        } else if (api::find(status, {"state", "terminated"})) {
            const auto code = api::integerAt(status, {"state", "terminated", "exitCode"});
            container.state = tr("Exited with %1").arg(code);
            container.role = code == 0 ? StatusRole::Done : StatusRole::Error;
            add(container.lines, tr("Why"), textAt(status, {"state", "terminated", "message"}));
        }
        if (const auto* last = api::find(status, {"lastState", "terminated"}))
            add(container.lines, tr("Last exit"),
                QStringLiteral("%1 (%2)").arg(textAt(*last, {"reason"})).arg(api::integerAt(*last, {"exitCode"})));
    }
    return container;
}

void podFacts(const api::Value& pod, Inspection& made)
{
    add(made.facts, tr("Node"), textAt(pod, {"spec", "nodeName"}));
    add(made.facts, tr("Pod IP"), textAt(pod, {"status", "podIP"}));
    add(made.facts, tr("QoS class"), textAt(pod, {"status", "qosClass"}));
    add(made.facts, tr("Service account"), textAt(pod, {"spec", "serviceAccountName"}));
    add(made.facts, tr("Restart policy"), textAt(pod, {"spec", "restartPolicy"}));
    for (const auto& spec : listAt(pod, {"spec", "initContainers"}))
        made.containers << containerOf(spec, pod, "initContainerStatuses");
    for (const auto& spec : listAt(pod, {"spec", "containers"}))
        made.containers << containerOf(spec, pod, "containerStatuses");
}

void workloadFacts(const api::Value& workload, Inspection& made)
{
    const auto ready = api::integerAt(workload, {"status", "readyReplicas"});
    add(made.facts, tr("Replicas"),
        tr("%L1 of %L2 ready").arg(ready).arg(api::integerAt(workload, {"spec", "replicas"}, 1)));
    add(made.facts, tr("Strategy"), textAt(workload, {"spec", "strategy", "type"}));
    add(made.facts, tr("Selector"), pairs(membersAt(workload, {"spec", "selector", "matchLabels"})));
    for (const auto& spec : listAt(workload, {"spec", "template", "spec", "containers"}))
        made.containers << containerOf(spec, {}, "");
}

void nodeFacts(const api::Value& node, Inspection& made)
{
    for (const auto& address : listAt(node, {"status", "addresses"}))
        add(made.facts, textAt(address, {"type"}), textAt(address, {"address"}));
    const struct {
        const char* resource;
        QString title;
    } allocatable[] = {{"cpu", tr("CPU for pods")},
                       {"memory", tr("Memory for pods")},
                       {"ephemeral-storage", tr("Disk for pods")},
                       {"pods", tr("Pods at most")}};
    for (const auto& [resource, title] : allocatable)
        add(made.facts, title,
            quantityText(QLatin1String(resource), textAt(node, {"status", "allocatable", resource})));
    add(made.facts, tr("Pod addresses"), textAt(node, {"spec", "podCIDR"}));
    for (const auto& taint : listAt(node, {"spec", "taints"}))
        add(made.facts, tr("Taint"), textAt(taint, {"key"}) + QLatin1Char(':') + textAt(taint, {"effect"}));
    add(made.facts, tr("System"), textAt(node, {"status", "nodeInfo", "osImage"}));
    add(made.facts, tr("Kernel"), textAt(node, {"status", "nodeInfo", "kernelVersion"}));
    add(made.facts, tr("Container runtime"), textAt(node, {"status", "nodeInfo", "containerRuntimeVersion"}));
    add(made.facts, tr("Agent"), textAt(node, {"status", "nodeInfo", "kubeletVersion"}));
}

void serviceFacts(const api::Value& service, Inspection& made)
{
    add(made.facts, tr("Type"), textAt(service, {"spec", "type"}));
    add(made.facts, tr("Cluster IP"), textAt(service, {"spec", "clusterIP"}));
    for (const auto& port : listAt(service, {"spec", "ports"}))
        add(made.facts, tr("Port"),
            QStringLiteral("%1 %2 → %3")
                .arg(textAt(port, {"name"}), textAt(port, {"port"}), textAt(port, {"targetPort"}))
                .trimmed());
    add(made.facts, tr("Selector"), pairs(membersAt(service, {"spec", "selector"})));
}

void eventFacts(const api::Value& event, Inspection& made)
{
    add(made.facts, tr("Reason"), textAt(event, {"reason"}));
    add(made.facts, tr("Message"), textAt(event, {"message"}));
    add(made.facts, tr("About"),
        textAt(event, {"involvedObject", "kind"}) + QLatin1Char('/') + textAt(event, {"involvedObject", "name"}));
    add(made.facts, tr("From"), textAt(event, {"source", "component"}) + textAt(event, {"reportingComponent"}));
    add(made.facts, tr("Count"), textAt(event, {"count"}));
}

Inspection::Content contentOf(std::string_view key, const std::string& bytes, bool isHidden)
{
    constexpr qsizetype textMax = 4'000;
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder.decode(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    const bool isText = !decoder.hasError() && !text.contains(QChar(0));
    return {toText(key), isText ? text.left(textMax) : QString(), static_cast<qint64>(bytes.size()), isHidden,
            !isText || text.size() <= textMax};
}

QVector<Inspection::Content> contentsOf(const KindInfo& kind, const api::Value& object)
{
    const bool isSecret = kind.id == QLatin1String("secrets");
    QVector<Inspection::Content> contents;
    for (const auto* const member : {"data", "binaryData"})
        for (const auto& [key, value] : membersAt(object, {member})) {
            const auto text = value.is_string() ? std::string(value.get_string()) : std::string();
            const bool isPlain = !isSecret && std::string_view(member) == "data";
            contents.append(contentOf(key, isPlain ? text : api::decodeBase64(text).value_or(text), isSecret));
        }
    std::ranges::sort(contents, {}, &Inspection::Content::key);
    return contents;
}

void roleFacts(const api::Value& role, Inspection& made)
{
    for (const auto& selector : listAt(role, {"aggregationRule", "clusterRoleSelectors"}))
        add(made.facts, tr("Collects from"), pairs(membersAt(selector, {"matchLabels"})));
    for (const auto& rule : listAt(role, {"rules"}))
        add(made.facts, tr("Rule"), ruleText(rule));
}

/// For kinds without facts of their own: what their table shows.
void columnFacts(const KindInfo& kind, const api::Value& object, Inspection& made)
{
    const auto item = projectObject(kind, object);
    for (int i = 0; item && i < std::min(kind.columns.size(), item->cells.size()); ++i)
        add(made.facts, kind.columns[i].title, item->cells[i].text);
}

} // namespace

Inspection inspect(const KindInfo& kind, const api::Value& object)
{
    Inspection made;
    const auto item = projectObject(kind, object);
    made.status = item ? item->status : Status{};
    if (kind.id == QLatin1String("pods"))
        podFacts(object, made);
    else if (kind.id == QLatin1String("deployments") || kind.id == QLatin1String("replicasets"))
        workloadFacts(object, made);
    else if (kind.id == QLatin1String("nodes"))
        nodeFacts(object, made);
    else if (kind.id == QLatin1String("services"))
        serviceFacts(object, made);
    else if (kind.id == QLatin1String("events"))
        eventFacts(object, made);
    else if (kind.id == QLatin1String("roles") || kind.id == QLatin1String("clusterroles"))
        roleFacts(object, made);
    else
        columnFacts(kind, object, made);
    if (kind.id == QLatin1String("configmaps") || kind.id == QLatin1String("secrets"))
        made.contents = contentsOf(kind, object);
    made.conditions = conditionsOf(object);
    add(made.metadata, tr("Created"), textAt(object, {"metadata", "creationTimestamp"}));
    add(made.metadata, tr("UID"), textAt(object, {"metadata", "uid"}));
    add(made.metadata, tr("Resource version"), textAt(object, {"metadata", "resourceVersion"}));
    add(made.metadata, tr("Labels"), pairs(membersAt(object, {"metadata", "labels"})));
    add(made.metadata, tr("Annotations"), pairs(membersAt(object, {"metadata", "annotations"})));
    return made;
}

} // namespace keelson::ui
