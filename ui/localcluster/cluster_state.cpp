// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/cluster_state.h"

#include "localcluster/kubeconfig_merge.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <fmt/format.h>

#include <algorithm>

namespace keelson::localcluster {
namespace {

QString stateFile(const QString& root, const QString& name)
{
    return QStringLiteral("%1/%2/cluster.json").arg(root, name);
}

} // namespace

QStringList ClusterState::nodeNames() const
{
    QStringList names;
    for (int i = 0; i < nodes; ++i)
        names << QStringLiteral("%1-worker-%2").arg(name).arg(i);
    return names;
}

const ClusterProcess* ClusterState::find(const QString& process) const
{
    const auto found = std::ranges::find(processes, process, &ClusterProcess::name);
    return found == processes.end() ? nullptr : &*found;
}

void ClusterState::set(const QString& process, const ProcessReference& reference)
{
    forget(process);
    processes.push_back({process, reference, logFile(process)});
}

void ClusterState::forget(const QString& process)
{
    std::erase_if(processes, [&](const ClusterProcess& entry) { return entry.name == process; });
}

std::vector<ProcessReference> ClusterState::references() const
{
    std::vector<ProcessReference> all;
    for (const auto& process : processes)
        all.push_back(process.process);
    return all;
}

bool isClusterName(const QString& name)
{
    static const QRegularExpression label(QStringLiteral("^[a-z]([-a-z0-9]*[a-z0-9])?$"));
    return name.size() <= clusterNameLengthMax && label.match(name).hasMatch();
}

Result<ClusterState> loadState(const QString& root, const QString& name)
{
    QFile file(stateFile(root, name));
    if (!isClusterName(name) || !file.open(QIODevice::ReadOnly))
        return fail(Reason::NotFound, fmt::format("there is no local cluster \"{}\"", name.toStdString()));
    const auto document = QJsonDocument::fromJson(file.readAll());
    if (!document.isObject())
        return fail(Reason::BadRequest, fmt::format("{} is damaged: no JSON object", file.fileName().toStdString()));
    const auto object = document.object();
    ClusterState state;
    state.name = name;
    state.folder = root + QLatin1Char('/') + name;
    state.nodes = object["nodes"].toInt();
    state.rangeIndex = object["rangeIndex"].toInt();
    state.runtime = object["runtime"].toString(state.runtime);
    state.paused = object["paused"].toBool();
    state.engineSocket = object["engineSocket"].toString();
    state.usesEngine = object["usesEngine"].toBool();
    state.apiListen = object["apiListen"].toString();
    const auto processes = object["processes"].toArray();
    for (const auto& entry : processes) {
        const auto process = entry.toObject();
        state.set(process["name"].toString(), {process["pid"].toInteger(), process["startTicks"].toInteger()});
    }
    return state;
}

Result<Done> saveState(const ClusterState& state)
{
    QJsonArray processes;
    for (const auto& process : state.processes)
        processes << QJsonObject{{"name", process.name},
                                 {"pid", process.process.pid},
                                 {"startTicks", process.process.startTicks},
                                 {"log", process.logFile}};
    const QJsonObject object{{"nodes", state.nodes},
                             {"rangeIndex", state.rangeIndex},
                             {"runtime", state.runtime},
                             {"paused", state.paused},
                             {"engineSocket", state.engineSocket},
                             {"usesEngine", state.usesEngine},
                             {"apiListen", state.apiListen},
                             {"processes", processes}};
    return writePrivateFile(state.folder + QStringLiteral("/cluster.json"), QJsonDocument(object).toJson());
}

QStringList clusterNames(const QString& root)
{
    QStringList names;
    const auto folders = QDir(root).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const auto& name : folders) {
        if (QFile::exists(stateFile(root, name)))
            names << name;
    }
    return names;
}

} // namespace keelson::localcluster
