// SPDX-License-Identifier: Apache-2.0
#include "controllers/endpoints_plan.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::controllers {
namespace {

template <typename T>
T read(std::string_view yaml)
{
    return api::fromJson<T>(api::parseYaml(yaml).value()).value();
}

/// name, address, state: r(eady), u(nready), t(erminating and ready), f(inished)
api::PodPtr pod(const std::string& name, const std::string& address, char state, int port = 8080)
{
    auto made = read<api::Pod>(fmt::format(R"(
metadata: {{name: {0}, namespace: default, uid: {0}-uid}}
spec: {{nodeName: n1, containers: [{{name: app, ports: [{{name: http, containerPort: {3}}}]}}]}}
status:
  phase: {4}
  podIP: "{1}"
  conditions: [{{type: Ready, status: "{2}"}}]
)",
                                           name, address, state == 'u' ? "False" : "True", port,
                                           state == 'f' ? "Succeeded" : "Running"));
    if (state == 't')
        made.metadata.deletionTimestamp = WallTime{};
    return std::make_shared<const api::Pod>(std::move(made));
}

api::Service service(std::string_view more = "")
{
    return read<api::Service>(fmt::format(R"(
metadata: {{name: web, namespace: default, uid: web-uid}}
spec: {{selector: {{app: web}}, ports: [{{name: http, port: 80, targetPort: http, protocol: TCP}}]{}}}
)",
                                          more));
}

/// "10.0.0.1 rs" : address, then r(eady), s(erving), t(erminating)
std::string text(const api::EndpointSlice& slice)
{
    std::string out;
    for (const auto& endpoint : slice.endpoints)
        out += fmt::format("{}{} {}{}{}", out.empty() ? "" : ", ", endpoint.addresses.front(),
                           endpoint.conditions.ready.value_or(false) ? "r" : "",
                           endpoint.conditions.serving.value_or(false) ? "s" : "",
                           endpoint.conditions.terminating.value_or(false) ? "t" : "");
    return out;
}

EndpointSlicePlan plan(const api::Service& of, std::vector<api::PodPtr> pods,
                       std::vector<api::EndpointSlicePtr> slices = {})
{
    return planEndpointSlices(of, pods, [](const std::string&) { return "z1"; }, slices);
}

std::vector<api::EndpointSlicePtr> stored(std::vector<api::EndpointSlice> slices)
{
    std::vector<api::EndpointSlicePtr> out;
    for (auto& slice : slices)
        out.push_back(std::make_shared<const api::EndpointSlice>(std::move(slice)));
    return out;
}

TEST(EndpointSlicePlan, saysWhoIsReadyServingAndTerminating)
{
    const auto pods = std::vector{pod("a", "10.0.0.1", 'r'), pod("b", "10.0.0.2", 'u'), pod("c", "10.0.0.3", 't'),
                                  pod("d", "10.0.0.4", 'f'), pod("e", "", 'r'),         pod("f", "127.0.0.1", 'r')};
    const auto made = plan(service(), pods);
    ASSERT_EQ(made.create.size(), 1U);
    EXPECT_EQ(text(made.create[0]), "10.0.0.1 rs, 10.0.0.2 , 10.0.0.3 st");
    EXPECT_EQ(made.create[0].ports.at(0).port, 8080);
    EXPECT_EQ(made.create[0].endpoints[0].zone, "z1");
    EXPECT_EQ(made.create[0].metadata.labels.at("kubernetes.io/service-name"), "web");

    const auto published = plan(service(", publishNotReadyAddresses: true"), pods);
    EXPECT_EQ(text(published.create.at(0)), "10.0.0.1 rs, 10.0.0.2 r, 10.0.0.3 rst");
}

TEST(EndpointSlicePlan, podsWithOtherPortNumbersHaveSlicesOfTheirOwn)
{
    const auto made = plan(service(), {pod("a", "10.0.0.1", 'r', 8080), pod("b", "10.0.0.2", 'r', 9090)});
    ASSERT_EQ(made.create.size(), 2U);
    EXPECT_EQ(made.create[0].ports.at(0).port, 8080);
    EXPECT_EQ(made.create[1].ports.at(0).port, 9090);
}

TEST(EndpointSlicePlan, changesNoMoreThanItMust)
{
    std::vector<api::PodPtr> pods;
    for (int i = 0; i < 250; ++i)
        pods.push_back(pod(fmt::format("p{}", i), fmt::format("10.0.{}.{}", i / 100, i % 100 + 1), 'r'));
    auto first = plan(service(), pods);
    ASSERT_EQ(first.create.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i)
        first.create[i].metadata.name = fmt::format("web-{}", i);
    const auto slices = stored(first.create);

    const auto same = plan(service(), pods, slices);
    EXPECT_TRUE(same.create.empty() && same.update.empty() && same.remove.empty());

    pods.push_back(pod("new", "10.9.9.9", 'r'));
    const auto grown = plan(service(), pods, slices);
    EXPECT_EQ(grown.update.size(), 1U);
    EXPECT_TRUE(grown.create.empty() && grown.remove.empty());

    const auto none = plan(service(), {}, slices);
    EXPECT_EQ(none.remove.size(), 3U);
    ASSERT_EQ(none.create.size(), 1U) << "an empty slice stays";
    const auto still = plan(service(), {}, stored(none.create));
    EXPECT_TRUE(still.create.empty() && still.update.empty() && still.remove.empty());
}

TEST(Endpoints, partsReadyFromNotReadyInOrderOfAddress)
{
    const auto pods = std::vector{pod("b", "10.0.0.2", 'r'), pod("a", "10.0.0.1", 'r'), pod("c", "10.0.0.3", 'u'),
                                  pod("d", "10.0.0.4", 't')};
    const auto endpoints = planEndpoints(service(", clusterIP: None"), pods);
    ASSERT_EQ(endpoints.subsets.size(), 1U);
    const auto& subset = endpoints.subsets[0];
    ASSERT_EQ(subset.addresses.size(), 2U);
    EXPECT_EQ(subset.addresses[0].ip, "10.0.0.1");
    EXPECT_EQ(subset.notReadyAddresses.at(0).ip, "10.0.0.3");
    EXPECT_EQ(subset.ports.at(0).port, 8080);
    EXPECT_TRUE(endpoints.metadata.labels.contains("service.kubernetes.io/headless"));
}

TEST(TargetPort, isANumberANameOrTheServicesOwn)
{
    const auto target = pod("a", "10.0.0.1", 'r');
    EXPECT_EQ(targetPort(*target, read<api::ServicePort>("{port: 80, targetPort: 81}")), 81);
    EXPECT_EQ(targetPort(*target, read<api::ServicePort>("{port: 80}")), 80);
    EXPECT_EQ(targetPort(*target, read<api::ServicePort>("{port: 80, targetPort: http}")), 8080);
    EXPECT_EQ(targetPort(*target, read<api::ServicePort>("{port: 80, targetPort: http, protocol: UDP}")), 0);
    EXPECT_EQ(targetPort(*target, read<api::ServicePort>("{port: 80, targetPort: other}")), 0);
}

} // namespace
} // namespace keelson::controllers
