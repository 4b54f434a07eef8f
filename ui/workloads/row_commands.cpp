// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/row_commands.h"

#include "models/read.h"
#include "workloads/confirm_dialog.h"

#include <QInputDialog>
#include <QLabel>
#include <QSet>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int replicasMax = 100'000;
constexpr int labelWidth = 380;

} // namespace

QString scopeText(const QVector<ItemPtr>& items)
{
    if (items.isEmpty())
        return {};
    const auto& first = *items.first();
    if (items.size() == 1)
        return first.nameSpace.isEmpty()
                   ? RowCommands::tr("the %1 %2").arg(first.kind->one, first.name)
                   : RowCommands::tr("the %1 %2 in %3").arg(first.kind->one, first.name, first.nameSpace);
    QSet<QString> spaces;
    for (const auto& item : items)
        if (!item->nameSpace.isEmpty())
            spaces.insert(item->nameSpace);
    auto names = spaces.values();
    names.sort();
    const auto count = QStringLiteral("%1 %2").arg(items.size()).arg(first.kind->title.toLower());
    if (names.isEmpty())
        return count;
    return names.size() > 3 ? RowCommands::tr("%1 in %2 namespaces").arg(count).arg(names.size())
                            : RowCommands::tr("%1 in %2").arg(count, names.join(QStringLiteral(", ")));
}

RowCommands::RowCommands(Cluster& cluster, QWidget* window) : QObject(window), m_cluster(cluster), m_window(window) {}

void RowCommands::send(const kube::Request& request, const QString& what)
{
    m_cluster.client().send(request, this, [this, what](const Result<kube::Response>& answer) {
        if (answer)
            emit done(what);
        else
            emit failed(what, answer.error());
    });
}

void RowCommands::remove(const QVector<ItemPtr>& items)
{
    if (items.isEmpty())
        return;
    ConfirmDialog dialog(tr("Delete %1?").arg(scopeText(items)), tr("Delete"), m_window);
    QStringList names;
    for (const auto& item : items)
        names << (item->nameSpace.isEmpty() ? item->name : item->nameSpace + QLatin1Char('/') + item->name);
    dialog.setNames(names);
    const auto& kind = *items.first()->kind;
    if (kind.id == QLatin1String("namespaces")) {
        dialog.setExplanation(tr("Everything in it is deleted with it. This cannot be undone."));
        dialog.setTypedWord(items.size() == 1 ? items.first()->name : QString::number(items.size()));
    } else if (!kind.id.compare(QLatin1String("deployments")) || kind.id == QLatin1String("replicasets")) {
        dialog.setExplanation(tr("The pods that it keeps are deleted with it."));
    } else if (kind.id == QLatin1String("pods")) {
        dialog.setExplanation(tr("A pod that belongs to a replica set is replaced by a new one."));
    } else {
        dialog.setExplanation(tr("This cannot be undone."));
    }
    if (dialog.exec() == QDialog::Accepted)
        removeNow(items);
}

void RowCommands::removeNow(const QVector<ItemPtr>& items)
{
    for (const auto& item : items) {
        kube::Request request;
        request.method = "DELETE";
        request.path = item->kind->path(item->nameSpace, item->name);
        request.body = R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"})";
        send(request, tr("Delete %1").arg(item->name));
    }
}

void RowCommands::scale(const QVector<ItemPtr>& items)
{
    if (items.isEmpty())
        return;
    const auto* facts = items.first()->factsAs<WorkloadFacts>();
    QInputDialog dialog(m_window);
    dialog.setWindowTitle(tr("Scale"));
    dialog.setLabelText(breakable(tr("Replicas of %1:").arg(scopeText(items))));
    dialog.setInputMode(QInputDialog::IntInput);
    dialog.setIntRange(0, replicasMax);
    dialog.setIntValue(facts ? static_cast<int>(facts->wanted) : 1);
    auto* label = dialog.findChild<QLabel*>();
    label->setWordWrap(true); // names can be long
    label->setMinimumWidth(labelWidth);
    if (dialog.exec() == QDialog::Accepted)
        scaleTo(items, dialog.intValue());
}

void RowCommands::scaleTo(const QVector<ItemPtr>& items, int replicas)
{
    for (const auto& item : items) {
        kube::Request request;
        request.method = "PATCH";
        request.path = item->kind->path(item->nameSpace, item->name) + QStringLiteral("/scale");
        request.contentType = "application/merge-patch+json";
        request.body = QStringLiteral(R"({"spec":{"replicas":%1}})").arg(replicas).toUtf8();
        send(request, tr("Scale %1 to %2").arg(item->name).arg(replicas));
    }
}

void RowCommands::restart(const QVector<ItemPtr>& items)
{
    if (items.isEmpty())
        return;
    ConfirmDialog dialog(tr("Restart %1?").arg(scopeText(items)), tr("Restart"), m_window);
    dialog.setExplanation(tr("New pods replace the running ones step by step, as in a rollout."));
    if (dialog.exec() != QDialog::Accepted)
        return;
    const auto now = QByteArray::fromStdString(formatTime(m_cluster.clock().wall()));
    for (const auto& item : items) {
        kube::Request request;
        request.method = "PATCH";
        request.path = item->kind->path(item->nameSpace, item->name);
        request.contentType = "application/merge-patch+json";
        request.body = R"({"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":")" +
                       now + R"("}}}}})";
        send(request, tr("Restart %1").arg(item->name));
    }
}

void RowCommands::cordon(const QVector<ItemPtr>& items)
{
    if (items.isEmpty())
        return;
    const bool areAll = std::ranges::all_of(items, [](const ItemPtr& item) {
        const auto* facts = item->factsAs<NodeFacts>();
        return facts && facts->unschedulable;
    });
    const auto scope = scopeText(items);
    ConfirmDialog dialog(areAll ? tr("Uncordon %1?").arg(scope) : tr("Cordon %1?").arg(scope),
                         areAll ? tr("Uncordon") : tr("Cordon"), m_window);
    dialog.setExplanation(areAll ? tr("New pods may be placed there again.")
                                 : tr("No new pods are placed there. Those that run there stay."));
    if (dialog.exec() != QDialog::Accepted)
        return;
    for (const auto& item : items) {
        kube::Request request;
        request.method = "PATCH";
        request.path = item->kind->path({}, item->name);
        request.contentType = "application/merge-patch+json";
        request.body = areAll ? R"({"spec":{"unschedulable":null}})" : R"({"spec":{"unschedulable":true}})";
        send(request, areAll ? tr("Uncordon %1").arg(item->name) : tr("Cordon %1").arg(item->name));
    }
}

} // namespace keelson::ui
