// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/json_path.h"
#include "api/table.h"
#include "api/table_functions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::api {
namespace {

using namespace std::chrono_literals;

Value yaml(std::string_view text)
{
    auto value = parseYaml(text);
    EXPECT_TRUE(value) << text << ": " << value.error().message;
    return value ? *value : Value{};
}

/// The cells in one line, as `kubectl get -o wide` would: those of priority over 0 behind a bar.
std::string row(const char* groupVersion, const char* kindName, std::string_view object)
{
    const auto* kind = Catalog::builtIn().find(GroupVersion::parse(groupVersion), kindName);
    if (!kind)
        return "no such kind";
    const auto now = parseTime("2026-01-31T12:00:00Z").value();
    const auto cells = tableCells(*kind, yaml(object), now);
    const auto columns = tableColumns(*kind);
    EXPECT_EQ(cells.size(), columns.size());
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += i == 0 ? "" : columns[i].at("priority") == 0 ? "  " : " | ";
        line += cells[i].is_string() ? std::string{cells[i].get_string()} : writeJson(cells[i]);
    }
    return line;
}

TEST(Cells, ofDatesSayNothingWhereNothingIs)
{
    struct Row {
        const char* object;
        const char* cell;
    };
    Kind kind;
    kind.columns = {Column{.name = "When", .type = "date", .jsonPath = ".spec.when"}};
    for (const auto& [object, cell] : {
             Row{"{spec: {when: '2026-01-31T11:59:00Z'}}", R"(["60s"])"},
             Row{"{spec: {}}", "[null]"},
             Row{"{spec: {when: null}}", "[null]"},
             Row{"{spec: {when: 5}}", "[null]"},
             Row{"{spec: {when: soon}}", R"(["<invalid>"])"},
         })
        EXPECT_EQ(writeJson(tableCells(kind, yaml(object), parseTime("2026-01-31T12:00:00Z").value())), cell) << object;
}

TEST(ShortDuration, isWhatKubectlShows)
{
    struct Row {
        Duration duration;
        const char* expected;
    };
    for (const auto& [duration, expected] : {
             Row{-5s, "0s"},          Row{0s, "0s"},
             Row{1500ms, "1s"},       Row{119s, "119s"},
             Row{120s, "2m"},         Row{125s, "2m5s"},
             Row{599s, "9m59s"},      Row{601s, "10m"},
             Row{179min, "179m"},     Row{3h, "3h"},
             Row{3h + 5min, "3h5m"},  Row{7h + 59min, "7h59m"},
             Row{8h + 5min, "8h"},    Row{47h, "47h"},
             Row{48h, "2d"},          Row{76h, "3d4h"},
             Row{191h, "7d23h"},      Row{24h * 8 + 3h, "8d"},
             Row{24h * 729, "729d"},  Row{24h * 730, "2y"},
             Row{24h * 800, "2y70d"}, Row{24h * 365 * 9 + 24h, "9y"},
         })
        EXPECT_EQ(shortDuration(duration), expected);
}

TEST(JsonPath, findsValues)
{
    const auto document = yaml(R"(
spec: {replicas: 3, list: [{name: a, port: 1}, {name: b, port: 2}]}
metadata: {annotations: {"example.com/x": v}}
status: {conditions: [{type: Ready, status: "True"}, {type: Other, status: "False"}]}
)");
    struct Row {
        const char* path;
        const char* expected;
    };
    for (const auto& [path, expected] : {
             Row{".spec.replicas", "3"},
             Row{"{.spec.replicas}", "3"},
             Row{"$.spec.replicas", "3"},
             Row{"spec.replicas", "3"},
             Row{".spec.list[0].name", "\"a\""},
             Row{".spec.list[-1].name", "\"b\""},
             Row{".spec.list[*].port", "1 2"},
             Row{".spec.list[5].name", ""},
             Row{".none.x", ""},
             Row{".metadata.annotations['example.com/x']", "\"v\""},
             Row{R"(.metadata.annotations.example\.com/x)", "\"v\""},
             Row{R"(.status.conditions[?(@.type=="Ready")].status)", "\"True\""},
             Row{R"(.status.conditions[?(@.type != "Ready")].status)", "\"False\""},
             Row{".spec.list[?(@.port==2)].name", "\"b\""},
             Row{".spec.list[", ""},
             Row{".spec..x", ""},
             Row{".spec.replicas.x", ""},
         }) {
        std::string found;
        for (const auto* value : evaluateJsonPath(document, path))
            found += (found.empty() ? "" : " ") + writeJson(*value);
        EXPECT_EQ(found, expected) << path;
    }
}

TEST(Table, pod)
{
    EXPECT_EQ(row("v1", "Pod", R"(
metadata: {name: web, creationTimestamp: "2026-01-31T11:55:00Z"}
spec: {nodeName: n1, containers: [{name: a}, {name: b}], readinessGates: [{conditionType: g}, {conditionType: h}]}
status:
  phase: Running
  podIPs: [{ip: 10.0.0.1}, {ip: "fd::1"}]
  nominatedNodeName: n2
  conditions: [{type: g, status: "True"}]
  containerStatuses:
  - {name: a, ready: true, restartCount: 2, state: {running: {}}, lastState: {terminated: {finishedAt: "2026-01-31T11:57:00Z"}}}
  - {name: b, ready: true, restartCount: 1, state: {running: {}}, lastState: {terminated: {finishedAt: "2026-01-31T11:56:00Z"}}}
)"),
              "web  2/2  Running  3 (3m ago)  5m | 10.0.0.1 | n1 | n2 | 1/2");
    EXPECT_EQ(row("v1", "Pod", "{metadata: {name: new}, spec: {containers: [{name: a}]}, status: {phase: Pending}}"),
              "new  0/1  Pending  0  <unknown> | <none> | <none> | <none> | <none>");
}

TEST(Table, podStatusText)
{
    struct Row {
        const char* status;
        const char* expected;
    };
    for (const auto& [status, expected] : {
             Row{"{phase: Running}", "Running"},
             Row{"{phase: Failed, reason: Evicted}", "Evicted"},
             Row{"{phase: Pending, conditions: [{type: PodScheduled, reason: SchedulingGated}]}", "SchedulingGated"},
             Row{"{phase: Pending, containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]}",
                 "ContainerCreating"},
             Row{"{phase: Running, containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}}]}",
                 "CrashLoopBackOff"},
             Row{"{phase: Succeeded, containerStatuses: [{state: {terminated: {reason: Completed, exitCode: 0}}}]}",
                 "Completed"},
             Row{"{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 3}}}]}", "ExitCode:3"},
             Row{"{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 3, signal: 9}}}]}", "Signal:9"},
             Row{"{phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{state: "
                 "{terminated: {reason: "
                 "Completed}}}, {ready: true, state: {running: {}}}]}",
                 "Running"},
             Row{"{phase: Running, containerStatuses: [{state: {terminated: {reason: Completed}}}, {ready: true, "
                 "state: {running: {}}}]}",
                 "NotReady"},
             Row{"{phase: Pending, initContainerStatuses: [{name: i, state: {running: {}}}]}", "Init:0/2"},
             Row{"{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, "
                 "state: {waiting: "
                 "{reason: PodInitializing}}}]}",
                 "Init:1/2"},
             Row{"{phase: Pending, initContainerStatuses: [{name: i, state: {waiting: {reason: ErrImagePull}}}]}",
                 "Init:ErrImagePull"},
             Row{"{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 1}}}]}",
                 "Init:ExitCode:1"},
             Row{"{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 1, reason: "
                 "Error}}}]}",
                 "Init:Error"},
             Row{"{phase: Running, initContainerStatuses: [{name: side, started: true, ready: true, state: {running: "
                 "{}}}], "
                 "containerStatuses: [{ready: true, state: {running: {}}}]}",
                 "Running"},
         }) {
        const auto pod = yaml(fmt::format(
            "{{spec: {{initContainers: [{{name: i}}, {{name: side, restartPolicy: Always}}]}}, status: {}}}", status));
        EXPECT_EQ(podStatusText(pod), expected) << status;
    }
    EXPECT_EQ(podStatusText(yaml("{metadata: {deletionTimestamp: x}, status: {phase: Running}}")), "Terminating");
    EXPECT_EQ(podStatusText(yaml("{metadata: {deletionTimestamp: x}, status: {phase: Running, reason: NodeLost}}")),
              "Unknown");
    EXPECT_EQ(podStatusText(yaml("{metadata: {deletionTimestamp: x}, status: {phase: Succeeded}}")), "Succeeded");
}

TEST(Table, workloads)
{
    const char* set = R"(
metadata: {name: web, creationTimestamp: "2026-01-31T11:00:00Z"}
spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {spec: {containers: [{name: a, image: i:1}, {name: b, image: j:2}]}}}
status: {replicas: 3, readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2}
)";
    EXPECT_EQ(row("apps/v1", "Deployment", set), "web  2/3  1  2  60m | a,b | i:1,j:2 | app=web");
    EXPECT_EQ(row("apps/v1", "ReplicaSet", set), "web  3  3  2  60m | a,b | i:1,j:2 | app=web");
    EXPECT_EQ(row("apps/v1", "Deployment", "{metadata: {name: x}, spec: {replicas: 1}}"),
              "x  0/1  0  0  <unknown> |  |  | <none>");
}

TEST(Table, services)
{
    struct Row {
        const char* spec;
        const char* expected;
    };
    for (const auto& [spec, expected] : {
             Row{"spec: {type: ClusterIP, clusterIP: 10.0.0.1, ports: [{port: 80, protocol: TCP}, {port: 53, protocol: "
                 "UDP}], selector: {b: '2', a: '1'}}",
                 "s  ClusterIP  10.0.0.1  <none>  80/TCP,53/UDP  <unknown> | a=1,b=2"},
             Row{"spec: {type: ClusterIP, clusterIP: None}", "s  ClusterIP  None  <none>  <none>  <unknown> | <none>"},
             Row{"spec: {type: NodePort, clusterIP: 10.0.0.1, externalIPs: [1.2.3.4], ports: [{port: 80, nodePort: "
                 "30080, protocol: TCP}]}",
                 "s  NodePort  10.0.0.1  1.2.3.4  80:30080/TCP  <unknown> | <none>"},
             Row{"spec: {type: LoadBalancer, clusterIP: 10.0.0.1}",
                 "s  LoadBalancer  10.0.0.1  <pending>  <none>  <unknown> | <none>"},
             Row{"{spec: {type: LoadBalancer, clusterIP: 10.0.0.1, externalIPs: [9.9.9.9]}, status: {loadBalancer: "
                 "{ingress: [{hostname: b.c}, {ip: 1.1.1.1}]}}}",
                 "s  LoadBalancer  10.0.0.1  1.1.1.1,b.c,9.9.9.9  <none>  <unknown> | <none>"},
             Row{"spec: {type: ExternalName, externalName: a.b}",
                 "s  ExternalName  <none>  a.b  <none>  <unknown> | <none>"},
         }) {
        auto service = yaml(spec);
        service.get_object()["metadata"] = Object{{"name", "s"}};
        EXPECT_EQ(row("v1", "Service", writeJson(service)), expected);
    }
}

TEST(Table, nodes)
{
    EXPECT_EQ(row("v1", "Node", R"(
metadata: {name: n1, labels: {node-role.kubernetes.io/worker: "", node-role.kubernetes.io/control-plane: "", kubernetes.io/os: linux}}
spec: {unschedulable: true}
status:
  conditions: [{type: MemoryPressure, status: "False"}, {type: Ready, status: "True"}]
  addresses: [{type: Hostname, address: n1}, {type: InternalIP, address: 10.1.1.1}]
  nodeInfo: {kubeletVersion: v1.32.0, osImage: Debian, kernelVersion: "6.1", containerRuntimeVersion: "docker://20"}
)"),
              "n1  Ready,SchedulingDisabled  control-plane,worker  <unknown>  v1.32.0 | 10.1.1.1 | <none> | Debian | "
              "6.1 | docker://20");
    EXPECT_EQ(row("v1", "Node", "{metadata: {name: n2}, status: {conditions: [{type: Ready, status: Unknown}]}}"),
              "n2  NotReady  <none>  <unknown>   | <none> | <none> | <unknown> | <unknown> | <unknown>");
    EXPECT_EQ(row("v1", "Node", "{metadata: {name: n2}}"),
              "n2  Unknown  <none>  <unknown>   | <none> | <none> | <unknown> | <unknown> | <unknown>");
}

TEST(Table, everythingElse)
{
    struct Row {
        const char* groupVersion;
        const char* kind;
        const char* object;
        const char* expected;
    };
    for (const auto& [groupVersion, kind, object, expected] : {
             Row{"v1", "ConfigMap", "{metadata: {name: c}, data: {a: x}, binaryData: {b: eA==}}", "c  2  <unknown>"},
             Row{"v1", "Secret", "{metadata: {name: s}, type: Opaque, data: {a: eA==}}", "s  Opaque  1  <unknown>"},
             Row{"v1", "ServiceAccount", "{metadata: {name: s}}", "s  0  <unknown>"},
             Row{"v1", "ComponentStatus", "{metadata: {name: a}}", "a  Unknown    "},
             Row{"v1", "ComponentStatus",
                 "{metadata: {name: a}, conditions: [{type: Slow, status: 'True', message: no}, {type: Healthy, "
                 "status: "
                 "'False', message: m, error: e}]}",
                 "a  Unhealthy  m  e"},
             Row{"v1", "ComponentStatus",
                 "{metadata: {name: a}, conditions: [{type: Healthy, status: 'True', message: ok}]}",
                 "a  Healthy  ok  "},
             Row{"v1", "Namespace",
                 "{metadata: {name: d, creationTimestamp: '2026-01-30T11:00:00Z'}, status: {phase: Active}}",
                 "d  Active  25h"},
             Row{"coordination.k8s.io/v1", "Lease", "{metadata: {name: l}, spec: {holderIdentity: n1}}",
                 "l  n1  <unknown>"},
             Row{"v1", "Endpoints", "{metadata: {name: e}}", "e  <none>  <unknown>"},
             Row{"v1", "Endpoints",
                 "{metadata: {name: e}, subsets: [{addresses: [{ip: 1.1.1.1}, {ip: 'fd::1'}], ports: [{port: 80}, "
                 "{port: 81}]}]}",
                 "e  1.1.1.1:80,[fd::1]:80,1.1.1.1:81 + 1 more...  <unknown>"},
             Row{"discovery.k8s.io/v1", "EndpointSlice",
                 "{metadata: {name: e}, addressType: IPv4, ports: [{port: 80}, {name: p}, {}], endpoints: [{addresses: "
                 "[1.1.1.1]}]}",
                 "e  IPv4  80,p,*  1.1.1.1  <unknown>"},
             Row{"discovery.k8s.io/v1", "EndpointSlice", "{metadata: {name: e}, addressType: IPv4}",
                 "e  IPv4  <unset>  <unset>  <unknown>"},
             Row{"v1", "Event",
                 "{metadata: {name: e}, type: Normal, reason: Pulled, message: ' done\n', count: 4, source: "
                 "{component: kubelet, host: n1}, "
                 "involvedObject: {kind: Pod, name: web, fieldPath: 'spec.containers{a}'}, firstTimestamp: "
                 "'2026-01-31T11:50:00Z', "
                 "lastTimestamp: '2026-01-31T11:59:00Z'}",
                 "60s  Normal  Pulled  pod/web | spec.containers{a} | kubelet, n1  done | 10m | 4 | e"},
             Row{"v1", "Event",
                 "{metadata: {name: e}, type: Normal, reason: R, message: m, reportingComponent: c, involvedObject: "
                 "{kind: Node, name: n1}, "
                 "eventTime: '2026-01-31T11:59:50.000000Z'}",
                 "10s  Normal  R  node/n1 |  | c  m | 10s | 1 | e"},
             Row{"v1", "Event",
                 "{metadata: {name: e}, type: Normal, reason: R, message: m, involvedObject: {kind: Node}, eventTime: "
                 "'2026-01-31T11:00:00Z', "
                 "series: {count: 7, lastObservedTime: '2026-01-31T11:59:58Z'}}",
                 "2s  Normal  R  node |  |   m | 60m | 7 | e"},
             Row{"rbac.authorization.k8s.io/v1", "Role",
                 "{metadata: {name: r, creationTimestamp: '2026-01-31T11:00:00Z'}}", "r  2026-01-31T11:00:00Z"},
             Row{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding",
                 "{metadata: {name: r}, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: User, name: u}, "
                 "{kind: User, name: v}, "
                 "{kind: Group, name: g}, {kind: ServiceAccount, name: s, namespace: ns}]}",
                 "r  ClusterRole/view  <unknown> | u, v | g | ns/s"},
         })
        EXPECT_EQ(row(groupVersion, kind, object), expected);
}

TEST(Table, kindsWithoutColumnsShowNameAndAge)
{
    Kind kind;
    const auto cells = tableCells(kind, yaml("{metadata: {name: x, creationTimestamp: '2026-01-31T11:59:00Z'}}"),
                                  parseTime("2026-01-31T12:00:00Z").value());
    EXPECT_EQ(writeJson(cells), R"(["x","60s"])");
    EXPECT_EQ(tableColumns(kind).at(0).at("format"), "name");

    for (const char* type : {"string", "integer", "number", "boolean", "date"}) {
        Column column;
        column.type = type;
        column.jsonPath = ".spec.x";
        kind.columns.push_back(column);
    }
    EXPECT_EQ(writeJson(tableCells(kind, yaml("{spec: {x: 5}}"), WallTime{})), R"(["5",5,5,null,null])");
    EXPECT_EQ(writeJson(tableCells(kind, yaml("{}"), WallTime{})), R"([null,null,null,null,null])");
}

TEST(Table, functionsThatKindsNameExist)
{
    for (const auto* kind : Catalog::builtIn().kinds()) {
        EXPECT_FALSE(kind->columns.empty()) << kind->kind;
        for (const auto& column : kind->columns)
            EXPECT_TRUE(column.function.empty() || findCellFunction(column.function))
                << kind->kind << " " << column.function;
    }
}

} // namespace
} // namespace keelson::api
