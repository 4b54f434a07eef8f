// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/lanes.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <utility>

namespace keelson::ui {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Lanes", text);
}

} // namespace

const QVector<Lane>& lanes()
{
    static const QVector<Lane> all{
        {"authentication", tr("Authentication"),
         tr("Every request begins with the question who asks. The server reads it from a certificate or a token; it "
            "knows no sessions, so each request proves it anew.")},
        {"authorization", tr("Authorization"),
         tr("Then: may they? Roles list verbs and resources, bindings give roles to users. The first rule that allows "
            "the request is named here; without one it would be refused.")},
        {"admission", tr("Admission"),
         tr("What may be asked for may still be incomplete. Admission fills in what the cluster decides, such as the "
            "service account and its token, and refuses what breaks the cluster's rules.")},
        {"store", tr("Store"),
         tr("The object is written to disk under a new revision. Only now is the request answered, and only now does "
            "anybody else see it: all that follows reacts to this write.")},
        {"controller", tr("Controllers"),
         tr("Controllers compare what is wanted with what is there and close the gap: a Deployment becomes a "
            "ReplicaSet, a ReplicaSet becomes pods. Each does one small thing, and writes it down as an object "
            "again.")},
        {"scheduling", tr("Scheduler"),
         tr("A new pod has no node. The scheduler crosses out the nodes that cannot take it, gives points to the "
            "others, and writes the best one into the pod.")},
        {"sandbox", tr("Node"),
         tr("The node's agent sees a pod of its own and prepares it: volumes with configuration and secrets, and a "
            "network of its own with an address.")},
        {"image", tr("Image"),
         tr("The container's image is pulled from its registry, unless the node has it already. This is often what "
            "takes longest the first time.")},
        {"container", tr("Container"), tr("The container engine creates the container from the image and starts it.")},
        {"probe", tr("Readiness"),
         tr("Running is not yet ready. Probes ask the application itself; until they succeed nothing is sent to "
            "the pod.")},
        {"dns", tr("DNS"),
         tr("The Service has a name, and every node's DNS server answers with its address. Pods find it by that "
            "name.")},
        {"proxy", tr("Service proxy"),
         tr("The ready pod becomes an endpoint of its Service. Every node changes its packet rules, and from then on "
            "calls of the Service's address reach the new pod too.")},
    };
    return all;
}

int laneOf(const std::string& step)
{
    const auto& all = lanes();
    const auto found = std::ranges::find(all, step, &Lane::step);
    return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

QString actorText(const trace::TracedStep& step)
{
    auto actor = QString::fromStdString(step.actor);
    for (const auto prefix : {QLatin1String("system:serviceaccount:kube-system:"), QLatin1String("system:")}) {
        if (actor.startsWith(prefix))
            return actor.mid(prefix.size());
    }
    return actor;
}

Stacking stackOf(const trace::TraceView& trace, Duration shortest, int rowsMax)
{
    Stacking stacking;
    const auto count = static_cast<std::size_t>(lanes().size());
    stacking.rowsOfLanes.assign(count, 1);
    std::vector<std::vector<WallTime>> busyUntil(count); // by lane and row
    for (const auto& step : trace.steps) {
        const auto lane = laneOf(step.step);
        stacking.rows.push_back(0);
        if (lane < 0)
            continue;
        auto& rows = busyUntil[static_cast<std::size_t>(lane)];
        auto free = std::ranges::find_if(rows, [&](WallTime until) { return until <= step.begin; });
        if (free == rows.end() && static_cast<int>(rows.size()) < rowsMax)
            free = rows.insert(rows.end(), WallTime::min());
        else if (free == rows.end())
            free = rows.end() - 1;
        *free = std::max(*free, step.begin + std::max(step.length, shortest));
        stacking.rows.back() = static_cast<int>(free - rows.begin());
        stacking.rowsOfLanes[static_cast<std::size_t>(lane)] = static_cast<int>(rows.size());
    }
    return stacking;
}

std::vector<Wait> waitsOf(const trace::TraceView& trace, Duration shortest)
{
    std::vector<Wait> waits;
    WallTime busyUntil = trace.begin();
    // Failures hold until the same is done for the same object, or until that is deleted: what is written meanwhile,
    // such as a pod's condition, changes nothing.
    std::map<std::pair<std::size_t, std::string>, std::size_t> failures;
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
        const auto& step = trace.steps[i];
        if (step.begin - busyUntil >= shortest && !failures.empty()) {
            const auto latest = std::ranges::max_element(failures, {}, [](const auto& one) { return one.second; });
            waits.push_back({.begin = busyUntil, .end = step.begin, .after = latest->second});
        }
        if (step.failed)
            failures[{step.object, step.step}] = i;
        else
            failures.erase({step.object, step.step});
        if (step.step == "store" && step.summary.starts_with("deleted"))
            std::erase_if(failures, [&](const auto& one) { return one.first.first == step.object; });
        busyUntil = std::max(busyUntil, step.end());
    }
    return waits;
}

} // namespace keelson::ui
