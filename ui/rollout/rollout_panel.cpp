// SPDX-License-Identifier: GPL-3.0-or-later
#include "rollout/rollout_panel.h"

#include "editor/yaml_view.h"
#include "manifests/live_object.h"
#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/elided_label.h"
#include "widgets/icons.h"
#include "widgets/list_columns.h"
#include "widgets/theme.h"
#include "workloads/confirm_dialog.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {
namespace {

constexpr int gatherMs = 150;
constexpr int rowHeight = 26;
constexpr int imageColumn = 3;
const char* const watchedKinds[] = {"deployments", "replicasets"};

/// As short as it can be told apart; `now`: today is said by the time alone.
QString momentText(const QDateTime& at, const QDateTime& now)
{
    if (at.date() == now.date())
        return QLocale().toString(at.time(), QStringLiteral("HH:mm:ss"));
    return QLocale().toString(at, at.date().year() == now.date().year() ? QStringLiteral("d MMM HH:mm")
                                                                        : QStringLiteral("d MMM yyyy"));
}

QString titleOf(const Revision& revision)
{
    return revision.isCurrent ? RolloutPanel::tr("%1 (now)").arg(revision.number) : QString::number(revision.number);
}

} // namespace

RolloutPanel::RolloutPanel(Cluster& cluster, ItemPtr deployment, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_item(std::move(deployment)),
      m_state(new ElidedLabel(Qt::ElideRight, this)),
      m_trace(new QPushButton(icon(QStringLiteral("trace")), tr("Trace"), this)),
      m_rollback(new QPushButton(icon(QStringLiteral("undo")), tr("Roll back…"), this)),
      m_banner(new Banner(this)),
      m_list(new QTreeWidget(this)),
      m_heading(new QLabel(this)),
      m_difference(new YamlView(this))
{
    m_list->setHeaderLabels({tr("Revision"), tr("Created"), tr("Pods"), tr("Images"), tr("Cause")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Revisions"));
    m_columns = new ListColumns(*m_list, {{}, {}, {}, {120, 3}, {60, 1, true}}, imageColumn);
    m_difference->setAccessibleName(tr("What going back would change"));
    m_heading->setForegroundRole(QPalette::PlaceholderText);
    m_heading->setContentsMargins(12, 6, 12, 6);
    m_heading->setWordWrap(true);
    auto* right = new QWidget(this);
    auto* rightColumn = new QVBoxLayout(right);
    rightColumn->setContentsMargins(0, 0, 0, 0);
    rightColumn->setSpacing(0);
    rightColumn->addWidget(m_heading);
    rightColumn->addWidget(m_difference, 1);
    auto* split = new QSplitter(this);
    split->addWidget(m_list);
    split->addWidget(right);
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    column->addWidget(m_banner);
    column->addWidget(split, 1);

    m_reload.setSingleShot(true);
    m_reload.setInterval(gatherMs);
    connect(&m_reload, &QTimer::timeout, this, &RolloutPanel::load);
    for (const auto* kind : watchedKinds) {
        m_leases.push_back(cluster.watch(QLatin1String(kind)));
        connect(cluster.store(QLatin1String(kind)), &ObjectStore::changed, this, [this](const ItemChanges& changes) {
            const bool isOurs = std::ranges::any_of(changes, [this](const ItemChange& change) {
                const auto& item = change.after ? change.after : change.before;
                return item->uid == m_item->uid || item->ownerUid == m_item->uid;
            });
            if (isOurs && !m_reload.isActive())
                m_reload.start();
        });
    }
    connect(m_list, &QTreeWidget::currentItemChanged, this, &RolloutPanel::showSelected);
    connect(m_rollback, &QPushButton::clicked, this, &RolloutPanel::rollBack);
    connect(m_trace, &QPushButton::clicked, this, [this] { emit traceRequested(m_item); });
    connect(m_banner, &Banner::retry, this, &RolloutPanel::load);
    load();
}

QWidget* RolloutPanel::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(8);
    m_trace->setToolTip(tr("What became of the last change, step by step"));
    m_rollback->setEnabled(false);
    row->addWidget(m_state, 1);
    row->addWidget(m_trace);
    row->addWidget(m_rollback);
    return bar;
}

void RolloutPanel::load()
{
    kube::Request request;
    request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    m_cluster.client().send(std::move(request), this, [this](const Result<kube::Response>& deployment) {
        if (!deployment)
            return take(deployment, deployment);
        kube::Request sets;
        sets.path = findKind(QStringLiteral("replicasets"))->path(m_item->nameSpace);
        QStringList labels;
        for (const auto& [key, value] : membersAt(*deployment->document, {"spec", "selector", "matchLabels"}))
            if (value.is_string())
                labels << toText(key) + QLatin1Char('=') + toText(value.get_string());
        if (!labels.isEmpty())
            sets.query.addQueryItem(QStringLiteral("labelSelector"),
                                    QString::fromLatin1(QUrl::toPercentEncoding(labels.join(QLatin1Char(',')))));
        m_cluster.client().send(std::move(sets), this,
                                [this, deployment](const auto& answer) { take(deployment, answer); });
    });
}

void RolloutPanel::take(const Result<kube::Response>& deployment, const Result<kube::Response>& replicaSets)
{
    m_isLoaded = true;
    const auto& failed = deployment ? replicaSets : deployment;
    if (!failed) {
        m_banner->showError(tr("The rollouts cannot be read"), failed.error());
        return;
    }
    m_banner->hide();
    m_deployment = deployment->document;
    const auto& items = listAt(*replicaSets->document, {"items"});
    m_revisions = revisionsOf(*m_deployment, {items.begin(), items.end()});
    if (auto item = projectObject(*m_item->kind, *m_deployment))
        m_item = std::move(item);
    refresh();
}

void RolloutPanel::refresh()
{
    const auto& status = m_item->status;
    m_state->setText(status.reason.isEmpty() ? status.word : QStringLiteral("%1 – %2").arg(status.word, status.reason));
    const auto* before = selected();
    const auto chosen = before ? before->number : -1;
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    const auto now = QDateTime::fromMSecsSinceEpoch(nowMs(m_cluster.clock()));
    for (const auto& revision : m_revisions) {
        const auto created = QDateTime::fromMSecsSinceEpoch(revision.createdMs);
        auto* row = new QTreeWidgetItem(m_list, {titleOf(revision), momentText(created, now),
                                                 QStringLiteral("%1/%2").arg(revision.ready).arg(revision.wanted),
                                                 revision.images.join(QStringLiteral(", ")), revision.cause});
        row->setData(0, Qt::UserRole, revision.number);
        row->setSizeHint(0, {0, rowHeight});
        row->setToolTip(imageColumn, row->text(imageColumn));
        row->setToolTip(0, revision.replicaSet);
        row->setToolTip(1, QLocale().toString(created, QLocale::LongFormat));
        const bool isWhole = revision.ready >= revision.wanted;
        const auto role = revision.wanted == 0 ? StatusRole::Ending : isWhole ? StatusRole::Ok : StatusRole::Progress;
        row->setIcon(0, icon(Theme::statusIcon(role), Theme::status(role)));
    }
    m_columns->measure();
    // The one before is what people go back to.
    const bool isKnown = std::ranges::find(m_revisions, chosen, &Revision::number) != m_revisions.end();
    if (!m_revisions.empty())
        select(isKnown ? chosen : m_revisions[m_revisions.size() > 1 ? 1 : 0].number);
    showSelected();
}

void RolloutPanel::select(qint64 revision)
{
    for (int i = 0; i < m_list->topLevelItemCount(); ++i)
        if (m_list->topLevelItem(i)->data(0, Qt::UserRole).toLongLong() == revision)
            m_list->setCurrentItem(m_list->topLevelItem(i));
}

const Revision* RolloutPanel::selected() const
{
    const auto* row = m_list->currentItem();
    if (!row)
        return nullptr;
    const auto found = std::ranges::find(m_revisions, row->data(0, Qt::UserRole).toLongLong(), &Revision::number);
    return found == m_revisions.end() ? nullptr : &*found;
}

void RolloutPanel::showSelected()
{
    const auto* revision = selected();
    m_rollback->setEnabled(revision && !revision->isCurrent);
    if (m_revisions.size() < 2)
        m_rollback->setToolTip(tr("There is one revision only: nothing to go back to"));
    else
        m_rollback->setToolTip(!revision             ? tr("Choose a revision")
                               : revision->isCurrent ? tr("The Deployment has this template now")
                                                     : tr("Make revision %1 the template again").arg(revision->number));
    m_rollback->setText(revision && !revision->isCurrent ? tr("Roll back to %1…").arg(revision->number)
                                                         : tr("Roll back…"));
    if (!revision || revision->isCurrent || !m_deployment) {
        m_heading->setText(revision ? tr("The template of now.") : tr("Choose a revision."));
        m_difference->showDiff(revision ? manifests::diffLines(api::writeYaml(revision->podTemplate),
                                                               api::writeYaml(revision->podTemplate))
                                        : std::vector<manifests::DiffLine>());
        return;
    }
    m_heading->setText(tr("What going back to revision %1 changes in the template:").arg(revision->number));
    const auto* now = api::find(*m_deployment, {"spec", "template"});
    m_difference->showDiff(
        manifests::diffLines(now ? api::writeYaml(*now) : std::string(), api::writeYaml(revision->podTemplate)));
}

void RolloutPanel::rollBack()
{
    const auto* revision = selected();
    if (!revision || revision->isCurrent)
        return;
    const auto wanted = *revision; // the list may change while the question is asked
    ConfirmDialog dialog(tr("Roll %1 back to revision %2?").arg(m_item->name).arg(wanted.number), tr("Roll back"),
                         window());
    dialog.setExplanation(tr("New pods of the old template replace the running ones step by step, as in a rollout. "
                             "ConfigMaps and Secrets stay as they are."));
    if (dialog.exec() == QDialog::Accepted)
        rollBackTo(wanted);
}

void RolloutPanel::rollBackTo(const Revision& to)
{
    kube::Request request;
    request.method = "PATCH";
    request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    request.query.addQueryItem(QStringLiteral("fieldManager"), QStringLiteral("keelson"));
    request.contentType = "application/json-patch+json";
    request.body = rollbackPatch(to);
    m_cluster.client().send(std::move(request), this, [this, number = to.number](const auto& answer) {
        if (!answer) {
            m_banner->showError(tr("Roll back to revision %1: the server refused").arg(number), answer.error());
            m_banner->setRetryVisible(false);
            return;
        }
        emit rolledBack(number);
        load();
    });
}

} // namespace keelson::ui
