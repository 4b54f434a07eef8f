// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_status.h"
#include "pods/pod_story.h"

namespace keelson::pods {
namespace {

using namespace std::chrono_literals;

constexpr auto server = R"(
  containers: [{name: main, image: web, command: [serve]}]
)";

TEST_F(PodStory, aPodStarts)
{
    apply("web", server);
    run(1s);
    const auto& status = statuses["web"];
    EXPECT_EQ(status.phase, "Running");
    EXPECT_EQ(status.hostIP, "192.168.0.1");
    EXPECT_EQ(status.podIP, "10.88.0.2");
    EXPECT_TRUE(status.startTime.has_value());
    EXPECT_TRUE(container("web").state.running.has_value());
    EXPECT_TRUE(container("web").ready);
    EXPECT_TRUE(container("web").containerID.starts_with("docker://"));
    for (const auto* type : {"PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"})
        EXPECT_EQ(conditionOf("web", type), "True") << type;
    EXPECT_EQ(events, "Pulling Pulled Created Started ");
    EXPECT_EQ(history.substr(0, 8), "Pending ");
}

TEST_F(PodStory, initContainersRunInOrder)
{
    apply("web", R"(
  initContainers:
    - {name: first, image: a, command: [sh, -c, "sleep 5; exit 0"]}
    - {name: second, image: a, command: [sh, -c, "sleep 5; exit 0"]}
  containers: [{name: main, image: web}]
)");
    run(4s);
    EXPECT_EQ(waiting("web"), "PodInitializing");
    EXPECT_EQ(statuses["web"].phase, "Pending");
    EXPECT_TRUE(statuses["web"].initContainerStatuses[0].state.running.has_value());
    EXPECT_TRUE(statuses["web"].initContainerStatuses[1].state.waiting.has_value());
    run(40s);
    EXPECT_EQ(statuses["web"].phase, "Running");
    EXPECT_EQ(statuses["web"].initContainerStatuses[1].state.terminated->reason, "Completed");
    EXPECT_EQ(conditionOf("web", "Initialized"), "True");
}

TEST_F(PodStory, anEphemeralContainerRunsOnceBesideTheOthers)
{
    apply("web", server);
    run(1s);
    apply("web", std::string(server) + R"(
  ephemeralContainers:
    - {name: look, image: tools, command: [sh, -c, "sleep 5; exit 3"], targetContainerName: main}
)");
    run(2s);
    const auto& status = statuses["web"];
    ASSERT_EQ(status.ephemeralContainerStatuses.size(), 1U);
    EXPECT_TRUE(status.ephemeralContainerStatuses[0].state.running.has_value());
    EXPECT_FALSE(status.ephemeralContainerStatuses[0].ready);
    EXPECT_FALSE(status.ephemeralContainerStatuses[0].started.has_value());
    EXPECT_EQ(conditionOf("web", "Ready"), "True");
    run(60s);
    EXPECT_EQ(status.ephemeralContainerStatuses[0].state.terminated->exitCode, 3);
    EXPECT_EQ(status.ephemeralContainerStatuses[0].restartCount, 0) << "it never starts anew";
    EXPECT_EQ(status.phase, "Running");
    EXPECT_EQ(container("web").restartCount, 0);
}

TEST_F(PodStory, anEphemeralContainerWaitsForItsTarget)
{
    const std::string pod = R"(
  initContainers: [{name: first, image: a, command: [sh, -c, "sleep 20; exit 0"]}]
  containers: [{name: main, image: web}]
)";
    apply("web", pod);
    run(1s);
    apply("web", pod + R"(
  ephemeralContainers:
    - {name: early, image: tools}
    - {name: look, image: tools, targetContainerName: main}
)");
    run(2s);
    const auto& list = statuses["web"].ephemeralContainerStatuses;
    ASSERT_EQ(list.size(), 2U);
    EXPECT_TRUE(list[0].state.running.has_value()) << "also before the pod is initialized";
    EXPECT_EQ(list[1].state.waiting->reason, "CreateContainerConfigError");
    EXPECT_EQ(list[1].state.waiting->message, "unable to find target container \"main\"");
    run(40s);
    EXPECT_TRUE(list[1].state.running.has_value());
}

TEST_F(PodStory, aSidecarKeepsRunning)
{
    apply("web", R"(
  initContainers: [{name: proxy, image: a, restartPolicy: Always}]
  containers: [{name: main, image: web}]
)");
    run(2s);
    EXPECT_EQ(statuses["web"].phase, "Running");
    EXPECT_TRUE(statuses["web"].initContainerStatuses[0].ready);
    runtime.crash("web", "proxy", 1);
    run(2s);
    EXPECT_EQ(statuses["web"].initContainerStatuses[0].restartCount, 1);
    EXPECT_EQ(container("web").restartCount, 0);
}

TEST_F(PodStory, aCrashingContainerBacksOff)
{
    apply("web", server);
    run(1s);
    ASSERT_TRUE(runtime.crash("web", "main", 3));
    run(1s);
    EXPECT_EQ(container("web").restartCount, 1) << "the first time at once";
    EXPECT_EQ(container("web").lastState.terminated->exitCode, 3);
    ASSERT_TRUE(runtime.crash("web", "main", 3));
    run(1s);
    EXPECT_EQ(waiting("web"), "CrashLoopBackOff");
    EXPECT_EQ(statuses["web"].phase, "Running");
    EXPECT_EQ(conditionOf("web", "Ready"), "False");
    EXPECT_NE(events.find("BackOff"), std::string::npos);
    run(8s);
    EXPECT_EQ(container("web").restartCount, 1);
    run(2s);
    EXPECT_EQ(container("web").restartCount, 2) << "10 s later";
    ASSERT_TRUE(runtime.crash("web", "main", 3));
    run(18s);
    EXPECT_EQ(container("web").restartCount, 2);
    run(3s);
    EXPECT_EQ(container("web").restartCount, 3) << "20 s later";
    EXPECT_LE(runtime.list()->size(), 3U) << "the sandbox, the running container and the last dead one";
}

TEST_F(PodStory, aCommandThatIsNotThereIsSaidAtOnce)
{
    runtime.failStarts("main", "exec: \"/no/such\": no such file or directory");
    std::vector<std::string> seen;
    look = [&](const api::PodStatus& status) {
        const auto& state = status.containerStatuses.at(0).state;
        seen.push_back(state.waiting ? state.waiting->reason : state.terminated ? state.terminated->reason : "runs");
    };
    apply("web", server);
    run(40s);
    ASSERT_GE(container("web").restartCount, 2);
    EXPECT_EQ(waiting("web"), "CrashLoopBackOff");
    EXPECT_EQ(container("web").lastState.terminated->reason, "StartError");
    EXPECT_EQ(container("web").lastState.terminated->message, "exec: \"/no/such\": no such file or directory");
    const auto told = std::ranges::find_if(seen, [](const auto& each) { return each != "ContainerCreating"; });
    ASSERT_NE(told, seen.end());
    EXPECT_EQ(*told, "RunContainerError");
    for (auto each = told; each != seen.end(); ++each)
        EXPECT_TRUE(*each == "RunContainerError" || *each == "CrashLoopBackOff") << *each;
    runtime.failStarts("main", "");
    run(60s);
    EXPECT_EQ(statuses["web"].phase, "Running");
}

TEST_F(PodStory, aContainerThatIsMadeAnewStaysWhatItWas)
{
    apply("web", server);
    run(1s);
    ASSERT_TRUE(runtime.crash("web", "main", 3));
    run(1s);
    ASSERT_TRUE(runtime.crash("web", "main", 3));
    run(1s);
    ASSERT_EQ(waiting("web"), "CrashLoopBackOff");
    // What the engine shows while it starts the next one.
    auto shown = *runtime.list();
    const auto dead = std::ranges::find_if(shown, [](const auto& each) { return each.attempt == 1; });
    auto next = *dead;
    next.id = "next";
    next.attempt = 2;
    next.state = containers::ContainerState::Created;
    next.exitCode = 0;
    next.startedAt.reset();
    next.finishedAt.reset();
    shown.push_back(next);
    const auto pod =
        fromYaml<api::Pod>("metadata: {name: web, namespace: default, uid: uid-web}\nspec:" + std::string(server));
    const std::map<std::string, ContainerMemo> memos;
    const std::set<std::string> busy{"start"};
    const std::map<std::string, std::string> words;
    const auto status = statusOf({.pod = pod,
                                  .last = statuses["web"],
                                  .containers = shown,
                                  .memos = memos,
                                  .busy = busy,
                                  .terminationMessages = words,
                                  .now = clock.wall()});
    ASSERT_TRUE(status.containerStatuses[0].state.waiting.has_value());
    EXPECT_EQ(status.containerStatuses[0].state.waiting->reason, "CrashLoopBackOff");
    EXPECT_EQ(status.containerStatuses[0].restartCount, 1);
}

TEST_F(PodStory, aFinishedJobIsNotStartedAgain)
{
    for (const auto& [name, code, phase] : {std::tuple{"good", 0, "Succeeded"}, std::tuple{"bad", 2, "Failed"}}) {
        apply(name, fmt::format("  restartPolicy: Never\n  containers: [{{name: main, image: a, command: [sh, -c, "
                                "\"sleep 2; exit {}\"]}}]",
                                code));
        run(30s);
        EXPECT_EQ(statuses[name].phase, phase);
        EXPECT_EQ(container(name).state.terminated->exitCode, code);
        EXPECT_EQ(container(name).restartCount, 0);
        EXPECT_EQ(conditionOf(name, "Ready"), "False");
    }
    EXPECT_EQ(runtime.list()->size(), 2U) << "dead containers stay for their logs, sandboxes go";
}

TEST_F(PodStory, aMissingImageSaysWhyAndIsTriedAgain)
{
    runtime.failPulls("web", "manifest unknown");
    apply("web", server);
    run(1s);
    EXPECT_EQ(waiting("web"), "ErrImagePull");
    EXPECT_EQ(container("web").state.waiting->message, "Failed to pull image \"web\": manifest unknown");
    EXPECT_NE(messages.find("Failed to pull image \"web\": manifest unknown\n"), std::string::npos) << messages;
    run(11s);
    EXPECT_EQ(waiting("web"), "ImagePullBackOff");
    EXPECT_EQ(container("web").state.waiting->message, "Back-off pulling image \"web\": manifest unknown");
    EXPECT_EQ(statuses["web"].phase, "Pending");
    runtime.failPulls("web", "");
    run(20s);
    EXPECT_EQ(statuses["web"].phase, "Running");
}

TEST_F(PodStory, aMissingConfigMapIsNamed)
{
    apply("web", R"(
  containers: [{name: main, image: web, env: [{name: A, valueFrom: {configMapKeyRef: {name: app, key: a}}}]}]
)");
    run(1s);
    EXPECT_EQ(waiting("web"), "CreateContainerConfigError");
    EXPECT_EQ(container("web").state.waiting->message, "configmap \"app\" not found");
    objects.configMaps["app"] = std::make_shared<api::ConfigMap>(fromYaml<api::ConfigMap>("data: {a: b}"));
    manager->objectsChanged("default");
    run(1s);
    EXPECT_EQ(statuses["web"].phase, "Running");
}

TEST_F(PodStory, rootIsRefusedWhereThePodForbidsIt)
{
    runtime.setImageUser("web", "");
    apply("web", R"(
  securityContext: {runAsNonRoot: true}
  containers: [{name: main, image: web}]
)");
    run(1s);
    EXPECT_EQ(waiting("web"), "CreateContainerConfigError");
    EXPECT_EQ(container("web").state.waiting->message,
              "container has runAsNonRoot and image will run as root (pod: \"web_default(uid-web)\", container: main)");
    apply("other", R"(
  securityContext: {runAsNonRoot: true}
  containers: [{name: main, image: web, securityContext: {runAsUser: 7}}]
)");
    run(1s);
    EXPECT_EQ(statuses["other"].phase, "Running");
}

TEST_F(PodStory, aMissingVolumeSourceHoldsThePod)
{
    apply("web", R"(
  volumes: [{name: v, secret: {secretName: key}}]
  containers: [{name: main, image: web, volumeMounts: [{name: v, mountPath: /v}]}]
)");
    run(1s);
    EXPECT_EQ(waiting("web"), "ContainerCreating");
    EXPECT_NE(messages.find("secret \"key\" not found"), std::string::npos) << messages;
    objects.secrets["key"] = std::make_shared<api::Secret>();
    manager->objectsChanged("default");
    run(1s);
    EXPECT_EQ(statuses["web"].phase, "Running");
}

TEST_F(PodStory, readinessFollowsItsProbe)
{
    prober.healthy = false;
    apply("web", R"(
  containers: [{name: main, image: web, readinessProbe: {periodSeconds: 2, failureThreshold: 2, httpGet: {port: 80}}}]
)");
    run(5s);
    EXPECT_EQ(conditionOf("web", "Ready"), "False");
    EXPECT_TRUE(container("web").state.running.has_value());
    EXPECT_NE(messages.find("Readiness probe failed: HTTP probe failed with statuscode: 500"), std::string::npos);
    prober.healthy = true;
    run(3s);
    EXPECT_EQ(conditionOf("web", "Ready"), "True");
    prober.healthy = false;
    run(2s);
    EXPECT_EQ(conditionOf("web", "Ready"), "True") << "one failure is not enough";
    run(3s);
    EXPECT_EQ(conditionOf("web", "Ready"), "False");
    EXPECT_EQ(container("web").restartCount, 0);
}

TEST_F(PodStory, aFailedLivenessProbeReplacesTheContainer)
{
    apply("web", R"(
  containers: [{name: main, image: web, livenessProbe: {periodSeconds: 1, failureThreshold: 3, httpGet: {port: 80}}}]
)");
    run(5s);
    prober.healthy = false;
    run(2500ms);
    EXPECT_EQ(container("web").restartCount, 0);
    run(1s);
    prober.healthy = true;
    run(2s);
    EXPECT_EQ(container("web").restartCount, 1);
    EXPECT_NE(messages.find("Container main failed liveness probe, will be restarted"), std::string::npos);
    EXPECT_TRUE(container("web").state.running.has_value());
}

TEST_F(PodStory, livenessWaitsForTheStartupProbe)
{
    prober.healthy = false;
    apply("web", R"(
  containers: [{name: main, image: web, livenessProbe: {periodSeconds: 1, failureThreshold: 1, httpGet: {port: 80}},
                startupProbe: {periodSeconds: 1, failureThreshold: 30, httpGet: {port: 80}}}]
)");
    run(10s);
    EXPECT_EQ(container("web").restartCount, 0);
    EXPECT_EQ(container("web").started, false);
    EXPECT_EQ(conditionOf("web", "Ready"), "False");
    prober.healthy = true;
    run(2s);
    EXPECT_EQ(container("web").started, true);
    EXPECT_EQ(conditionOf("web", "Ready"), "True");
}

TEST_F(PodStory, aDeletedPodLeavesNothing)
{
    apply("web", server);
    run(1s);
    apply("web", server, ", deletionTimestamp: 2026-01-01T00:00:00Z, deletionGracePeriodSeconds: 5");
    run(2s);
    EXPECT_EQ(gone, "web ");
    EXPECT_TRUE(runtime.list()->empty());
    EXPECT_EQ(manager->podCount(), 0U);
    EXPECT_TRUE(container("web").state.terminated.has_value());
    EXPECT_NE(events.find("Killing"), std::string::npos);
}

TEST_F(PodStory, anAgentsRestartTouchesNothing)
{
    apply("web", R"(
  containers: [{name: main, image: web, readinessProbe: {periodSeconds: 60, httpGet: {port: 80}}}]
)");
    run(1s);
    const auto before = container("web").containerID;
    events.clear();
    history.clear();
    manager.reset();
    prober.healthy = false;
    startAgent();
    apply("web", R"(
  containers: [{name: main, image: web, readinessProbe: {periodSeconds: 60, failureThreshold: 3, httpGet: {port: 80}}}]
)");
    manager->allKnown();
    run(30s);
    EXPECT_EQ(container("web").containerID, before);
    EXPECT_EQ(conditionOf("web", "Ready"), "True") << "what was known stays";
    EXPECT_EQ(history.find("Pending"), std::string::npos);
    EXPECT_EQ(events.find("Created"), std::string::npos);
}

TEST_F(PodStory, straysAreEndedOnceAllPodsAreKnown)
{
    apply("web", server);
    run(1s);
    manager.reset();
    startAgent();
    run(30s);
    EXPECT_EQ(runtime.list()->size(), 2U) << "nothing is done before the server has spoken";
    manager->allKnown();
    run(5s);
    EXPECT_TRUE(runtime.list()->empty());
    EXPECT_EQ(gone, "web ");
}

TEST_F(PodStory, aRemovedContainerComesBack)
{
    apply("web", server);
    run(1s);
    for (const auto& each : *runtime.list()) {
        if (!each.sandbox)
            ASSERT_TRUE(runtime.removeContainer(each.id));
    }
    run(2s);
    EXPECT_TRUE(container("web").state.running.has_value());
    EXPECT_EQ(container("web").restartCount, 1);
}

TEST_F(PodStory, allIsMadeAnewWhenTheEngineLostEverything)
{
    apply("web", server);
    run(1s);
    runtime.killAll();
    run(5s);
    EXPECT_EQ(statuses["web"].phase, "Running");
    EXPECT_EQ(conditionOf("web", "Ready"), "True");
    EXPECT_EQ(container("web").restartCount, 1);
}

TEST_F(PodStory, anAwayEngineIsSeenAndSurvived)
{
    apply("web", server);
    run(1s);
    runtime.setAway(true);
    run(30s);
    EXPECT_EQ(manager->runtimeHealth().error().reason, Reason::ServiceUnavailable);
    EXPECT_EQ(statuses["web"].phase, "Running") << "what is not seen is not declared dead";
    runtime.setAway(false);
    run(3s);
    EXPECT_TRUE(manager->runtimeHealth().has_value());
    EXPECT_EQ(container("web").restartCount, 0);
}

TEST_F(PodStory, anAwayEngineFailsNoProbe)
{
    apply("web", R"(
  containers:
    - name: main
      image: web
      livenessProbe: {periodSeconds: 1, failureThreshold: 2, exec: {command: ["true"]}}
      readinessProbe: {periodSeconds: 1, failureThreshold: 2, exec: {command: ["true"]}}
)");
    run(5s);
    ASSERT_EQ(conditionOf("web", "Ready"), "True");
    runtime.setAway(true);
    run(30s);
    EXPECT_EQ(conditionOf("web", "Ready"), "True");
    EXPECT_NE(messages.find("Liveness probe errored: no container engine answers"), std::string::npos) << messages;
    runtime.setAway(false);
    run(10s);
    EXPECT_EQ(container("web").restartCount, 0);
    EXPECT_EQ(messages.find("will be restarted"), std::string::npos) << messages;
}

TEST_F(PodStory, aNewSandboxIsTold)
{
    apply("web", server);
    run(1s);
    ASSERT_EQ(events.find("SandboxChanged"), std::string::npos);
    for (const auto& each : *runtime.list()) {
        if (each.sandbox)
            ASSERT_TRUE(runtime.removeContainer(each.id));
    }
    run(5s);
    EXPECT_NE(events.find("Killing SandboxChanged"), std::string::npos) << events;
    EXPECT_EQ(conditionOf("web", "Ready"), "True");
    events.clear();
    for (const auto& each : *runtime.list())
        ASSERT_TRUE(runtime.removeContainer(each.id));
    run(5s);
    EXPECT_NE(events.find("SandboxChanged"), std::string::npos) << "also when nothing was left to kill: " << events;
}

TEST_F(PodStory, anImageNameThatIsNoneIsSaid)
{
    apply("web", "  containers: [{name: main, image: 'Web:1'}]");
    run(1s);
    EXPECT_EQ(waiting("web"), "InvalidImageName");
    EXPECT_EQ(container("web").state.waiting->message,
              "couldn't parse image name \"Web:1\": invalid reference format: repository name must be lowercase");
    EXPECT_EQ(events, "InspectFailed ");
}

TEST_F(PodStory, aDeadlineEndsThePod)
{
    apply("web", "  activeDeadlineSeconds: 20\n  containers: [{name: main, image: web}]");
    run(10s);
    EXPECT_EQ(statuses["web"].phase, "Running");
    run(15s);
    EXPECT_EQ(statuses["web"].phase, "Failed");
    EXPECT_EQ(statuses["web"].reason, "DeadlineExceeded");
    run(5s);
    EXPECT_TRUE(container("web").state.terminated.has_value());
}

TEST_F(PodStory, anotherImageReplacesTheContainer)
{
    apply("web", server);
    run(1s);
    apply("web", "  containers: [{name: main, image: web2}]");
    run(15s);
    EXPECT_EQ(container("web").image, "web2");
    EXPECT_EQ(container("web").restartCount, 1);
    EXPECT_TRUE(container("web").state.running.has_value());
}

} // namespace
} // namespace keelson::pods
