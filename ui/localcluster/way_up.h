// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "localcluster/local_cluster.h"

namespace keelson::localcluster {

/// What a step came to: success with a remark, or a failure with its advice.
struct StepOutcome {
    StepReport::State state = StepReport::State::Done;
    QString detail;
    QString advice;
    QString log;

    static StepOutcome done(QString detail) { return {StepReport::State::Done, std::move(detail), {}, {}}; }
    static StepOutcome skipped(QString detail) { return {StepReport::State::Skipped, std::move(detail), {}, {}}; }
    static StepOutcome failed(QString detail, QString advice, QString log = {})
    {
        return {StepReport::State::Failed, std::move(detail), std::move(advice), std::move(log)};
    }
};

/// The steps that `LocalCluster::up` takes, in order, each with its deadline. They change `state` and save it.
class WayUp {
public:
    WayUp(const LocalClusterOptions& options, const ContainerEngine& engine, Patience& patience, ClusterState& state)
        : m_options(options), m_engine(engine), m_patience(patience), m_state(state)
    {
    }

    /// Ends with the first step that fails; its reason and advice are the error's message.
    Result<Done> go(const LocalCluster::Report& report);
    /// Whether a program had to be started.
    bool startedAny() const { return m_startedAny; }

private:
    StepOutcome ensureEngine();
    StepOutcome startEngine(const QString& why);
    StepOutcome ensureFolder();
    StepOutcome ensureServer();
    StepOutcome awaitReady();
    StepOutcome ensureAgents();
    StepOutcome awaitNodes();
    StepOutcome writeKubeconfig();
    StepOutcome died(const QString& process, const QString& title);

    QString program(const QString& name) const { return m_options.programFolder + QLatin1Char('/') + name; }

    const LocalClusterOptions& m_options;
    const ContainerEngine& m_engine;
    Patience& m_patience;
    ClusterState& m_state;
    bool m_startedAny = false;
};

/// Names of the nodes whose condition Ready is True, asked from the cluster's API. Errors as in http_call.h.
Result<QStringList> readyNodes(const ClusterState& state);
/// The cluster's API answers its readiness probe with 200.
Result<Done> apiReady(const ClusterState& state);

} // namespace keelson::localcluster
