// SPDX-License-Identifier: GPL-3.0-or-later
// Every relation that can be drawn: a card is dragged to another, and the fields that make the relation are written,
// and nothing else.
#include "ui/designer/designer_page.h"

#include <gtest/gtest.h>

#include <QTest>

#include <ostream>
#include <string>
#include <vector>

namespace keelson::ui {
namespace {

const std::string podSpec = "    spec:\n"
                            "      containers:\n"
                            "        - name: web\n"
                            "          image: web:1\n"
                            "          ports:\n"
                            "            - name: http\n"
                            "              containerPort: 8080\n";
const std::string podTemplate = "  template:\n    metadata:\n      labels:\n        app: web\n" + podSpec;

std::string object(const std::string& version, const std::string& kind, const std::string& name,
                   const std::string& rest)
{
    return "apiVersion: " + version + "\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n" + rest;
}

std::string workload(const std::string& kind)
{
    const std::string more = kind == "StatefulSet" ? "  serviceName: none\n" : "";
    return object("apps/v1", kind, "web",
                  "spec:\n  selector:\n    matchLabels:\n      app: web\n" + more + podTemplate);
}

struct Drawn {
    const char* name;
    std::string from;
    std::string to;
    const char* choice;               ///< What is chosen where there are several ways; empty: there is one.
    std::vector<std::string> written; ///< What stands in the text afterwards, each once; all else is as before.
};
void PrintTo(const Drawn& drawn, std::ostream* out)
{
    *out << drawn.name;
}

const std::string guards = "podSelector:\n    matchLabels:\n      app: db\n  policyTypes:\n    - Ingress\n";

const std::string deployment = workload("Deployment");
const std::string settings = object("v1", "ConfigMap", "settings", "data:\n  log.level: info\n");
const std::string secret = object("v1", "Secret", "key", "stringData:\n  password: x\n");
const std::string front = object("v1", "Service", "front", "spec:\n  ports:\n    - port: 80\n");
const std::string ingress = object("networking.k8s.io/v1", "Ingress", "in", "spec:\n  ingressClassName: nginx\n");
const std::string policy = object("networking.k8s.io/v1", "NetworkPolicy", "guard", "spec:\n  " + guards);
const std::string labels = "    matchLabels:\n      app: web\n";
const std::string peer = "        - podSelector:\n            matchLabels:\n              app: web\n";
const std::vector<Drawn> table{
    {"ServiceToDeployment", front, deployment, "", {"      targetPort: http\n", "  selector:\n    app: web\n"}},
    {"ServiceToReplicaSet",
     front,
     workload("ReplicaSet"),
     "",
     {"      targetPort: http\n", "  selector:\n    app: web\n"}},
    {"ServiceToDaemonSet",
     front,
     workload("DaemonSet"),
     "",
     {"      targetPort: http\n", "  selector:\n    app: web\n"}},
    {"ServiceToStatefulSet",
     front,
     workload("StatefulSet"),
     "Send its traffic to these pods",
     {"      targetPort: http\n", "  selector:\n    app: web\n"}},
    {"ConfigMapAsEnvironment",
     settings,
     deployment,
     "All keys as environment",
     {"          envFrom:\n            - configMapRef:\n                name: settings\n"}},
    {"ConfigMapAsFiles",
     settings,
     deployment,
     "Files in /etc/settings",
     {"      volumes:\n        - name: settings\n          configMap:\n            name: settings\n",
      "          volumeMounts:\n            - name: settings\n              mountPath: /etc/settings\n             "
      " "
      "readOnly: true\n"}},
    {"ConfigMapAsOneVariable",
     settings,
     deployment,
     "Variable LOG_LEVEL from log.level",
     {"          env:\n            - name: LOG_LEVEL\n              valueFrom:\n                configMapKeyRef:\n "
      "  "
      "               name: settings\n                  key: log.level\n"}},
    {"SecretAsEnvironment",
     secret,
     deployment,
     "All keys as environment",
     {"          envFrom:\n            - secretRef:\n                name: key\n"}},
    {"SecretAsFiles",
     secret,
     deployment,
     "Files in /etc/key",
     {"      volumes:\n        - name: key\n          secret:\n            secretName: key\n",
      "          volumeMounts:\n            - name: key\n              mountPath: /etc/key\n              "
      "readOnly: true\n"}},
    {"SecretToCronJob",
     secret,
     object("batch/v1", "CronJob", "night",
            "spec:\n  schedule: \"0 3 * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          "
            "restartPolicy: Never\n          containers:\n            - name: night\n              image: n:1\n"),
     "Variable PASSWORD from password",
     {"              env:\n                - name: PASSWORD\n                  valueFrom:\n                    "
      "secretKeyRef:\n                      name: key\n                      key: password\n"}},
    {"SecretForImages",
     object("v1", "Secret", "registry", "type: kubernetes.io/dockerconfigjson\n"),
     deployment,
     "Pull images with it",
     {"      imagePullSecrets:\n        - name: registry\n"}},
    {"ClaimToDeployment",
     object("v1", "PersistentVolumeClaim", "data", "spec:\n  accessModes:\n    - ReadWriteOnce\n"),
     deployment,
     "",
     {"      volumes:\n        - name: data\n          persistentVolumeClaim:\n            claimName: data\n",
      "          volumeMounts:\n            - name: data\n              mountPath: /data\n"}},
    {"AccountToDeployment",
     object("v1", "ServiceAccount", "runner", ""),
     deployment,
     "",
     {"      serviceAccountName: runner\n"}},
    {"AutoscalerToDeployment",
     object("autoscaling/v2", "HorizontalPodAutoscaler", "scale", "spec:\n  maxReplicas: 3\n"),
     deployment,
     "",
     {"  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n"}},
    {"BudgetToDeployment",
     object("policy/v1", "PodDisruptionBudget", "keep", "spec:\n  minAvailable: 1\n"),
     deployment,
     "",
     {"  selector:\n" + labels}},
    {"PolicyGuards",
     object("networking.k8s.io/v1", "NetworkPolicy", "guard", "spec:\n  policyTypes:\n    - Ingress\n"),
     deployment,
     "Guard these pods",
     {"  podSelector:\n" + labels}},
    {"PolicyLetsPodsIn", policy, deployment, "Let these pods in", {"  ingress:\n    - from:\n" + peer}},
    {"PolicyLetsPodsOut",
     policy,
     deployment,
     "Let its pods out to these",
     {"  egress:\n    - to:\n" + peer, "    - Egress\n"}},
    {"IngressGetsARule",
     ingress,
     front,
     "A rule for every host",
     {"  rules:\n    - http:\n        paths:\n          - path: /\n            pathType: Prefix\n            "
      "backend:\n              service:\n                name: front\n                port:\n                  "
      "number: 80\n"}},
    {"IngressGetsADefault",
     ingress,
     front,
     "What fits no rule goes to it (default backend)",
     {"  defaultBackend:\n    service:\n      name: front\n      port:\n        number: 80\n"}},
    {"IngressGetsACertificate",
     ingress,
     object("v1", "Secret", "cert", "type: kubernetes.io/tls\n"),
     "",
     {"  tls:\n    - secretName: cert\n"}},
    {"SetNamesItsService",
     object("apps/v1", "StatefulSet", "web", "spec:\n  selector:\n    matchLabels:\n      app: web\n" + podTemplate),
     front,
     "Its Service (serviceName): gives each pod a name",
     {"  serviceName: front\n"}},
    {"BindingGrantsARole",
     object("rbac.authorization.k8s.io/v1", "RoleBinding", "bind", "subjects: []\n"),
     object("rbac.authorization.k8s.io/v1", "Role", "reader", "rules: []\n"),
     "",
     {"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: reader\n"}},
    {"BindingGrantsToAnAccount",
     object("rbac.authorization.k8s.io/v1", "RoleBinding", "bind",
            "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: reader\n"),
     object("v1", "ServiceAccount", "runner", ""),
     "",
     {"subjects:\n  - kind: ServiceAccount\n    name: runner\n    namespace: default\n"}},
    {"NamespaceTakesAConfigMap", object("v1", "Namespace", "shop", ""), settings, "", {"  namespace: shop\n"}},
};

class DrawnRelations : public DesignerPage, public testing::WithParamInterface<Drawn> {};

TEST_P(DrawnRelations, writeTheirFieldsAndNothingElse)
{
    const auto& drawn = GetParam();
    const auto before = drawn.from + "---\n" + drawn.to;
    openText(QByteArray::fromStdString(before));
    ASSERT_EQ(model().cards().size(), 2U);
    const auto from = model().cards()[0].id;
    const auto to = model().cards()[1].id;
    mouse(view(), QEvent::MouseMove, middle(from), Qt::NoButton);
    drag(view(), view().portOf(from), middle(to));
    if (*drawn.choice != '\0') {
        EXPECT_EQ(text(), before) << "nothing before one is chosen";
        const auto ways = menu(QStringLiteral("offers"), QString::fromUtf8(drawn.choice));
        EXPECT_TRUE(ways.contains(QString::fromUtf8(drawn.choice))) << ways.join(QLatin1Char('\n')).toStdString();
    }
    auto rest = text();
    for (const auto& words : drawn.written) {
        const auto at = rest.find(words);
        ASSERT_NE(at, std::string::npos) << words << "is not in\n" << text();
        rest.erase(at, words.size());
    }
    EXPECT_EQ(rest, before);
    ASSERT_EQ(model().relations().size(), 1U) << "the line is there";
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), before) << "in one step";
}

INSTANTIATE_TEST_SUITE_P(All, DrawnRelations, testing::ValuesIn(table),
                         [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace keelson::ui
