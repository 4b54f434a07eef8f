// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/simulated_runtime.h"
#include "pods/pod_manager.h"
#include "volumes/host_volumes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::pods {

template <typename T>
T fromYaml(std::string_view text)
{
    const auto value = api::parseYaml(text);
    EXPECT_TRUE(value.has_value()) << text;
    auto object = api::fromJson<T>(value.value_or(api::Value()));
    EXPECT_TRUE(object.has_value()) << (object ? "" : object.error().message);
    return object.value_or(T{});
}

/// A node whose pods run in simulated time.
class PodStory : public testing::Test {
protected:
    PodStory()
    {
        auto made = std::make_shared<NodeSettings>();
        made->nodeName = "n1";
        made->hostIp = "192.168.0.1";
        settings = made;
        startAgent();
    }

    void startAgent()
    {
        manager = std::make_unique<PodManager>(
            loop, executor, runtime, volumes, prober, settings,
            PodManagerCallbacks{.objects = [this](const api::Pod&) { return objects; },
                                .report =
                                    [this](const api::Pod& pod, const api::PodStatus& status) {
                                        statuses[pod.metadata.name] = status;
                                        if (look)
                                            look(status);
                                        history += status.phase + " ";
                                    },
                                .event =
                                    [this](const api::Pod&, const PodEvent& event) {
                                        events += event.reason + " ";
                                        messages += event.message + "\n";
                                    },
                                .gone = [this](const api::Pod& pod) { gone += pod.metadata.name + " "; }});
        manager->start();
    }

    /// `spec` is the YAML of a pod's spec, indented by two.
    api::PodPtr apply(const std::string& name, const std::string& spec, const std::string& meta = "")
    {
        auto pod = std::make_shared<api::Pod>(fromYaml<api::Pod>(
            fmt::format("metadata: {{name: {0}, namespace: default, uid: uid-{0}{1}}}\nspec:\n{2}", name, meta, spec)));
        if (const auto known = statuses.find(name); known != statuses.end())
            pod->status = known->second;
        manager->setPod(pod);
        return pod;
    }

    void run(Duration time) { loop.runFor(time); }
    const api::ContainerStatus& container(const std::string& pod) { return statuses[pod].containerStatuses.at(0); }
    std::string conditionOf(const std::string& pod, const std::string& type)
    {
        for (const auto& each : statuses[pod].conditions) {
            if (each.type == type)
                return each.status;
        }
        return "-";
    }
    std::string waiting(const std::string& pod)
    {
        return container(pod).state.waiting ? container(pod).state.waiting->reason : "-";
    }

    /// What probes over the network find.
    struct StoryProber : SimulatedProber {
        using SimulatedProber::SimulatedProber;
        ProbeResult httpGet(const ProbeTarget&, const api::HTTPGetAction&, int) override
        {
            return {.ok = healthy, .message = "HTTP probe failed with statuscode: 500"};
        }
        bool healthy = true;
    };

    SimulatedClock clock;
    SimulatedLoop loop{clock};
    InlineExecutor executor;
    containers::SimulatedRuntime runtime{clock};
    volumes::SimulatedVolumes volumes;
    StoryProber prober{runtime};
    std::shared_ptr<const NodeSettings> settings;
    PodObjects objects;
    std::map<std::string, api::PodStatus> statuses;
    std::function<void(const api::PodStatus&)> look; ///< Sees each status as it is reported.
    std::string events;
    std::string messages;
    std::string history;
    std::string gone;
    std::unique_ptr<PodManager> manager;
};

} // namespace keelson::pods
