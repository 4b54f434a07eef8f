// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "containers/container_runtime.h"
#include "pods/pod_plan.h"
#include "pods/pod_specs.h"
#include "pods/pod_volumes.h"
#include "pods/prober.h"

#include <memory>
#include <string>
#include <vector>

namespace keelson::pods {

/// Something worth telling about a pod, as an Event will say it.
struct PodEvent {
    bool warning = false;
    std::string reason; ///< "Pulled"
    std::string message;
    std::string container; ///< Empty: about the pod. Init containers count like others.
};

/// A step towards a running pod that has ended, as a trace tells it.
struct StepReport {
    enum class Step { Sandbox, Image, Container, Probe };
    Step step = Step::Sandbox;
    Duration length{0};
    bool failed = false;
    std::string summary;
};

/// All that a step needs, copied, so that it can run away from the loop.
struct StepContext {
    api::PodPtr pod;
    PodObjects objects;
    PodFacts facts;
    VolumePaths volumes;
    std::shared_ptr<const NodeSettings> settings;
};

struct StepOutcome {
    std::optional<Error> error;
    std::string waitingReason; ///< With an error of a container: what its status is to say.
    VolumePaths volumes;       ///< Of PrepareVolumes.
    std::vector<PodEvent> events;
    Duration length{0}; ///< How long it took.
};

/// Carries out steps. Any thread; blocks, a stop for as long as its grace.
class PodActions {
public:
    PodActions(containers::ContainerRuntime& runtime, PodVolumes& volumes, Prober& prober, const Clock& clock)
        : m_runtime(runtime), m_volumes(volumes), m_prober(prober), m_clock(clock)
    {
    }

    StepOutcome carryOut(const PodStep& step, const StepContext& context);

private:
    StepOutcome prepareVolumes(const StepContext& context);
    StepOutcome startSandbox(const PodStep& step, const StepContext& context);
    StepOutcome ensureImage(const PodStep& step, const StepContext& context);
    Result<Done> secure(containers::ContainerSpec& spec, const api::Container& container, const StepContext& context);
    StepOutcome startContainer(const PodStep& step, const StepContext& context);
    StepOutcome stop(const PodStep& step, const StepContext& context);
    void runPostStart(const api::Container& container, const std::string& id, const StepContext& context,
                      StepOutcome& outcome);

    containers::ContainerRuntime& m_runtime;
    PodVolumes& m_volumes;
    Prober& m_prober;
    const Clock& m_clock;
};

} // namespace keelson::pods
