// SPDX-License-Identifier: Apache-2.0
#include "support/simulated_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace keelson::test {

using std::chrono::seconds;

SimulatedCluster::SimulatedCluster(Options options)
    : random(options.seed),
      client(clock, random),
      m_options(std::move(options)),
      m_pods(client, loop),
      m_controllers(controllers::makeControllers([this](std::string_view) -> client::Client& { return client; }, loop,
                                                 m_executor, random, m_options.controllers)),
      m_scheduler(client, loop, m_executor, random)
{
    m_pods.onChange([this](const auto&, const auto& now) { podChanged(now); });
    m_pods.start();
    m_controllers->start();
    m_scheduler.start();
    loop.runDue();
}

SimulatedCluster::~SimulatedCluster()
{
    m_scheduler.stop();
    m_controllers->stop();
    m_pods.stop();
}

void SimulatedCluster::create(std::string_view yaml)
{
    constexpr std::string_view separator = "\n---\n";
    while (!yaml.empty()) {
        const auto end = yaml.find(separator);
        client.createYaml(yaml.substr(0, end));
        yaml = end == std::string_view::npos ? std::string_view{} : yaml.substr(end + separator.size());
    }
}

void SimulatedCluster::addNode(const std::string& name)
{
    create(fmt::format(R"(
apiVersion: v1
kind: Node
metadata: {{name: {0}, labels: {{kubernetes.io/hostname: {0}}}}}
status:
  capacity: {{cpu: "4", memory: 8Gi, pods: "110"}}
  allocatable: {{cpu: "4", memory: 8Gi, pods: "110"}}
  conditions: [{{type: Ready, status: "True", reason: KubeletReady}}]
)",
                       name));
    create(fmt::format(R"(
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {{name: {0}, namespace: kube-node-lease}}
spec: {{holderIdentity: {0}, leaseDurationSeconds: 40, renewTime: "{1}"}}
)",
                       name, formatMicroTime(clock.wall())));
    renewLease(name);
}

void SimulatedCluster::renewLease(const std::string& node)
{
    loop.after(m_options.leaseRenewal, [this, node] {
        if (m_dead.contains(node))
            return;
        const Value patch = api::Object{{"spec", api::Object{{"renewTime", formatMicroTime(clock.wall())}}}};
        if (client.patch(api::kindOf<api::Lease>(), {"kube-node-lease", node}, api::PatchType::Merge, patch, ""))
            renewLease(node);
    });
}

void SimulatedCluster::podChanged(const api::PodPtr& now)
{
    if (onPodChange)
        onPodChange();
    if (!now || now->spec.nodeName.empty() || m_dead.contains(now->spec.nodeName))
        return;
    const ObjectKey key{now->metadata.namespace_, now->metadata.name};
    const auto& uid = now->metadata.uid;
    if (now->metadata.deletionTimestamp) {
        if (m_handled.insert("-" + uid).second)
            loop.after(m_options.podStop, [this, key, uid] { stopPod(key, uid); });
    } else if (m_handled.insert(uid).second && now->spec.containers.front().image != m_brokenImage) {
        loop.after(m_options.podStart, [this, key, uid] { startPod(key, uid); });
    }
}

void SimulatedCluster::startPod(const ObjectKey& key, const std::string& uid)
{
    const auto pod = client::get<api::Pod>(client, key);
    if (!pod || pod->metadata.uid != uid || m_dead.contains(pod->spec.nodeName))
        return;
    const auto number = static_cast<unsigned>(m_handled.size());
    const Value patch = api::Object{
        {"status",
         api::Object{{"phase", "Running"},
                     {"podIP", fmt::format("10.244.{}.{}", number / 250, number % 250 + 1)},
                     {"conditions",
                      api::Array{api::Object{
                          {"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", formatTime(clock.wall())}}}}}}};
    (void)client.patch(api::kindOf<api::Pod>(), key, api::PatchType::Strategic, patch, "status");
}

void SimulatedCluster::stopPod(const ObjectKey& key, const std::string& uid)
{
    const auto pod = client::get<api::Pod>(client, key);
    if (!pod || pod->metadata.uid != uid || m_dead.contains(pod->spec.nodeName))
        return;
    (void)client.remove(api::kindOf<api::Pod>(), key, {.gracePeriodSeconds = 0, .uid = uid});
}

void SimulatedCluster::createDeployment(const std::string& name, int replicas, const std::string& strategy,
                                        const std::string& image)
{
    create(fmt::format(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, namespace: default}}
spec:
  replicas: {1}
  progressDeadlineSeconds: 600
  revisionHistoryLimit: 2
  strategy: {2}
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec:
      terminationGracePeriodSeconds: 30
      containers: [{{name: app, image: "{3}", resources: {{requests: {{cpu: 100m}}}}}}]
)",
                       name, replicas, strategy, image));
}

void SimulatedCluster::patchDeployment(const std::string& name, std::string_view json)
{
    const auto patched = client.patch(api::kindOf<api::Deployment>(), {"default", name}, api::PatchType::Merge,
                                      *api::parseJson(json), "");
    if (!patched)
        std::abort();
}

std::vector<api::Pod> SimulatedCluster::pods()
{
    return all<api::Pod>();
}

int SimulatedCluster::readyPods(std::string_view image)
{
    return static_cast<int>(std::ranges::count_if(pods(), [&](const api::Pod& pod) {
        return !pod.metadata.deletionTimestamp && (image.empty() || pod.spec.containers.front().image == image) &&
               std::ranges::any_of(pod.status.conditions, [](const auto& condition) {
                   return condition.type == "Ready" && condition.status == "True";
               });
    }));
}

api::Deployment SimulatedCluster::deployment(const std::string& name)
{
    return *client::get<api::Deployment>(client, {"default", name});
}

std::vector<api::ReplicaSet> SimulatedCluster::replicaSets()
{
    return all<api::ReplicaSet>();
}

} // namespace keelson::test
