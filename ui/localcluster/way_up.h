// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "localcluster/local_cluster.h"

#include <map>
#include <optional>

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
    /// `nodes`: how many there shall be; those of `state` beyond it go.
    WayUp(const LocalClusterOptions& options, Patience& patience, ClusterState& state, int nodes)
        : m_options(options), m_patience(patience), m_state(state), m_nodes(nodes)
    {
    }

    /// Ends with the first step that fails; its reason and advice are the error's message.
    Result<Done> go(const LocalCluster::Report& report);
    /// Whether a program had to be started or a node removed.
    bool changedAny() const { return m_changedAny; }

private:
    StepOutcome ensureEngine();
    StepOutcome startEngine(const EngineAddress& address, const QString& why);
    StepOutcome ensureFolder();
    StepOutcome ensureServer();
    StepOutcome awaitReady();
    StepOutcome ensureAgents();
    StepOutcome startAgents();
    /// Nothing when the surplus nodes are gone.
    std::optional<StepOutcome> removeSurplusNodes();
    Result<Done> drain(const QStringList& nodes);
    Result<Done> removeNode(const QString& node);
    StepOutcome awaitNodes();
    StepOutcome writeKubeconfig();
    StepOutcome died(const QString& process, const QString& title);

    bool usesDocker() const { return m_state.runtime == QLatin1String("docker"); }
    QString program(const QString& name) const { return m_options.programFolder + QLatin1Char('/') + name; }
    Result<ProcessReference> start(const QString& process, const QString& programName, const QStringList& arguments);

    const LocalClusterOptions& m_options;
    Patience& m_patience;
    ClusterState& m_state;
    const int m_nodes;
    std::map<QString, qint64> m_logBegins; ///< Where the logs of programs started now begin, by process.
    bool m_changedAny = false;
};

} // namespace keelson::localcluster
