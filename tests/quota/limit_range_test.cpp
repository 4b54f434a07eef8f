// SPDX-License-Identifier: Apache-2.0
#include "quota/limit_range.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace keelson::quota {
namespace {

template <typename T>
T read(std::string_view yaml)
{
    return *api::fromJson<T>(*api::parseYaml(yaml));
}

api::PodSpec podOf(std::string_view containers)
{
    return read<api::PodSpec>(fmt::format("{{containers: [{}]}}", containers));
}

std::string refusals(std::string_view limit, const api::PodSpec& pod)
{
    const auto range = read<api::LimitRangeSpec>(fmt::format("{{limits: [{}]}}", limit));
    return fmt::format("{}", fmt::join(limitViolations(range, pod), "\n"));
}

TEST(LimitRange, saysWhatItDoesNotAllow)
{
    struct Row {
        const char* limit;
        const char* containers;
        const char* expected;
    };
    for (const auto& [limit, containers, expected] : {
             Row{"{type: Container, min: {cpu: 100m}}", "{name: a, resources: {requests: {cpu: 100m}}}", ""},
             Row{"{type: Container, min: {cpu: 100m}}", "{name: a}",
                 "minimum cpu usage per Container is 100m.  No request is specified"},
             Row{"{type: Container, min: {cpu: 100m}}", "{name: a}, {name: b}",
                 "minimum cpu usage per Container is 100m.  No request is specified"},
             Row{"{type: Container, min: {cpu: 100m}}", "{name: a, resources: {requests: {cpu: 50m}}}",
                 "minimum cpu usage per Container is 100m, but request is 50m"},
             Row{"{type: Container, min: {cpu: 100m}}",
                 "{name: a, resources: {requests: {cpu: 100m}, limits: {cpu: 90m}}}",
                 "minimum cpu usage per Container is 100m, but limit is 90m"},
             Row{"{type: Container, max: {memory: 1Gi}}", "{name: a, resources: {limits: {memory: 1Gi}}}", ""},
             Row{"{type: Container, max: {memory: 1Gi}}", "{name: a}",
                 "maximum memory usage per Container is 1Gi.  No limit is specified"},
             Row{"{type: Container, max: {memory: 1Gi}}", "{name: a, resources: {limits: {memory: 2Gi}}}",
                 "maximum memory usage per Container is 1Gi, but limit is 2Gi"},
             Row{"{type: Container, max: {memory: 1Gi}}",
                 "{name: a, resources: {limits: {memory: 1Gi}, requests: {memory: 2Gi}}}",
                 "maximum memory usage per Container is 1Gi, but request is 2Gi"},
             Row{"{type: Container, maxLimitRequestRatio: {cpu: 2}}",
                 "{name: a, resources: {limits: {cpu: 2}, requests: {cpu: 1}}}", ""},
             Row{"{type: Container, maxLimitRequestRatio: {cpu: 2}}", "{name: a, resources: {limits: {cpu: 2}}}",
                 "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0"},
             Row{"{type: Container, maxLimitRequestRatio: {cpu: 2}}", "{name: a, resources: {requests: {cpu: 1}}}",
                 "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0"},
             Row{"{type: Container, maxLimitRequestRatio: {cpu: 1500m}}",
                 "{name: a, resources: {limits: {cpu: 2}, requests: {cpu: 1}}}",
                 "cpu max limit to request ratio per Container is 1500m, but provided ratio is 2.000000"},
             Row{"{type: Pod, max: {cpu: 1}}",
                 "{name: a, resources: {limits: {cpu: 600m}}}, {name: b, resources: {limits: {cpu: 600m}}}",
                 "maximum cpu usage per Pod is 1, but limit is 1200m"},
             Row{"{type: Pod, min: {cpu: 1}}", "{name: a, resources: {requests: {cpu: 1}}}", ""},
             Row{"{type: PersistentVolumeClaim, min: {storage: 1Gi}}", "{name: a}", ""},
         })
        EXPECT_EQ(refusals(limit, podOf(containers)), expected) << limit << " " << containers;
}

TEST(LimitRange, countsInitContainersAndSidecars)
{
    const auto pod = read<api::PodSpec>(R"(
initContainers:
- {name: side, restartPolicy: Always, resources: {limits: {cpu: 100m}}}
- {name: init, resources: {limits: {cpu: 900m}}}
containers: [{name: a, resources: {limits: {cpu: 500m}}}]
)");
    EXPECT_EQ(refusals("{type: Pod, max: {cpu: 1}}", pod), "");
    EXPECT_EQ(refusals("{type: Pod, max: {cpu: 999m}}", pod), "maximum cpu usage per Pod is 999m, but limit is 1");
}

TEST(LimitRange, limitsClaims)
{
    const auto range = read<api::LimitRangeSpec>("{limits: [{type: PersistentVolumeClaim, min: {storage: 1Gi}, max: "
                                                 "{storage: 5Gi}}]}");
    for (const auto& [requests, expected] :
         {std::pair{"{storage: 2Gi}", ""},
          {"{storage: 500Mi}", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi"},
          {"{storage: 6Gi}", "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi"},
          {"{}", "minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified\n"
                 "maximum storage usage per PersistentVolumeClaim is 5Gi.  No request is specified"}}) {
        const auto claim =
            read<api::PersistentVolumeClaimSpec>(fmt::format("{{resources: {{requests: {}}}}}", requests));
        EXPECT_EQ(fmt::format("{}", fmt::join(limitViolations(range, claim), "\n")), expected) << requests;
    }
}

TEST(LimitRange, givesContainersWhatTheyDoNotName)
{
    const auto range = read<api::LimitRangeSpec>(
        "{limits: [{type: Container, default: {cpu: 1, memory: 1Gi}, defaultRequest: {cpu: 100m}}]}");
    auto pod = *api::parseYaml(R"(
spec:
  initContainers: [{name: i}]
  containers: [{name: a}, {name: b, resources: {requests: {cpu: 1m}, limits: {cpu: 2m, memory: 3Mi}}}]
)");
    applyLimitDefaults(range, *api::fromJson<api::Pod>(pod), pod);
    EXPECT_EQ(pod, *api::parseYaml(R"(
spec:
  initContainers: [{name: i, resources: {requests: {cpu: 100m}, limits: {cpu: "1", memory: 1Gi}}}]
  containers:
  - {name: a, resources: {requests: {cpu: 100m}, limits: {cpu: "1", memory: 1Gi}}}
  - {name: b, resources: {requests: {cpu: 1m}, limits: {cpu: 2m, memory: 3Mi}}}
metadata:
  annotations:
    kubernetes.io/limit-ranger: "LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a; cpu request for init container i; cpu, memory limit for init container i"
)")) << api::writeJson(pod);
}

} // namespace
} // namespace keelson::quota
