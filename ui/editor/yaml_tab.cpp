// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/yaml_tab.h"

#include "editor/yaml_view.h"
#include "widgets/banner.h"
#include "widgets/icons.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QStackedLayout>
#include <QThreadPool>

namespace keelson::ui {

namespace {

constexpr int checkDelayMs = 200;

QString newManifest(const QString& nameSpace)
{
    return QStringLiteral("apiVersion: apps/v1\n"
                          "kind: Deployment\n"
                          "metadata:\n"
                          "  name: web\n"
                          "  namespace: %1\n"
                          "spec:\n"
                          "  replicas: 2\n"
                          "  selector:\n"
                          "    matchLabels:\n"
                          "      app: web\n"
                          "  template:\n"
                          "    metadata:\n"
                          "      labels:\n"
                          "        app: web\n"
                          "    spec:\n"
                          "      containers:\n"
                          "        - name: web\n"
                          "          image: nginx\n"
                          "          ports:\n"
                          "            - containerPort: 80\n")
        .arg(nameSpace);
}

} // namespace

QString readableYaml(const api::Value& object)
{
    auto copy = object;
    if (auto* metadata = api::find(copy, {"metadata"}); metadata && metadata->is_object())
        metadata->get_object().stable_erase("managedFields");
    return QString::fromStdString(api::writeYaml(copy));
}

YamlTab::YamlTab(Cluster& cluster, const ItemPtr& item, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_item(item),
      m_editor(new YamlView(this)),
      m_diff(new YamlView(this)),
      m_stack(new QStackedLayout),
      m_banner(new Banner(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    column->addWidget(m_banner);
    m_stack->addWidget(m_editor);
    m_stack->addWidget(m_diff);
    column->addLayout(m_stack, 1);
    m_checkTimer.setSingleShot(true);
    m_checkTimer.setInterval(checkDelayMs);
    connect(&m_checkTimer, &QTimer::timeout, this, &YamlTab::check);
    connect(m_editor, &QsciScintilla::textChanged, this, [this] {
        m_isProven = false;
        m_checkTimer.start();
        refreshButtons();
    });
    connect(m_banner, &Banner::retry, this, [this] {
        if (m_isLoaded)
            apply();
        else
            load();
    });
    if (m_item) {
        load();
    } else {
        m_isLoaded = true;
        m_editor->setText(newManifest(cluster.client().access().nameSpace));
    }
    refreshButtons();
}

QWidget* YamlTab::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 6, 8, 6);
    row->setSpacing(8);
    m_state = new QLabel(bar);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    m_reload = new QPushButton(icon(QStringLiteral("refresh")), tr("Reload"), bar);
    m_compare = new QPushButton(icon(QStringLiteral("diff")), tr("Compare"), bar);
    m_compare->setToolTip(tr("Compare with what is live (Ctrl+Alt+D)"));
    m_apply = new QPushButton(tr("Apply…"), bar);
    m_apply->setDefault(true);
    m_apply->setToolTip(tr("Let the server try it, and show what would change (Ctrl+Alt+S)"));
    row->addWidget(m_state, 1);
    row->addWidget(m_reload);
    row->addWidget(m_compare);
    row->addWidget(m_apply);
    connect(m_reload, &QPushButton::clicked, this, &YamlTab::load);
    connect(m_compare, &QPushButton::clicked, this, [this] {
        if (isComparing())
            backToText();
        else
            showDiff();
    });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (isComparing() && m_isProven)
            confirmApply();
        else
            apply();
    });
    return bar;
}

QString YamlTab::text() const
{
    return m_editor->text();
}

void YamlTab::setText(const QString& text)
{
    m_editor->setText(text);
}

bool YamlTab::isComparing() const
{
    return m_stack->currentWidget() == m_diff;
}

void YamlTab::backToText()
{
    m_stack->setCurrentWidget(m_editor);
    refreshButtons();
}

void YamlTab::refreshButtons()
{
    const bool isNew = !m_item;
    m_reload->setVisible(!isNew);
    m_compare->setVisible(!isNew);
    m_compare->setText(isComparing() ? tr("Back to the text") : tr("Compare"));
    m_apply->setText(isComparing() && m_isProven ? tr("Apply now") : tr("Apply…"));
    m_apply->setEnabled(m_isLoaded && (isNew || isEdited()));
    if (!m_problems.isEmpty())
        m_state->setText(tr("%n problems", nullptr, static_cast<int>(m_problems.size())));
    else if (isComparing() && m_isProven)
        m_state->setText(tr("The server accepts it. This is what would change."));
    else if (m_isLoaded)
        m_state->setText(isNew ? tr("New object, valid") : isEdited() ? tr("Edited, valid") : tr("As it is live"));
    else
        m_state->setText(tr("Loading…"));
}

void YamlTab::load()
{
    kube::Request request;
    request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    m_cluster.client().send(request, this, [this](const Result<kube::Response>& answer) {
        if (!answer) {
            m_banner->showError(tr("%1 cannot be read").arg(m_item->name), answer.error());
            return;
        }
        m_banner->hide();
        m_live = answer->document ? readableYaml(*answer->document) : QString();
        m_isLoaded = true;
        m_editor->setText(m_live);
        backToText();
    });
}

void YamlTab::check()
{
    const auto round = ++m_round;
    QThreadPool::globalInstance()->start([self = QPointer<YamlTab>(this), round, content = text()] {
        const auto report = checkManifest(content);
        QMetaObject::invokeMethod(qApp, [self, round, report] {
            if (self)
                self->checked(round, report);
        });
    });
}

void YamlTab::checked(quint64 round, const ManifestReport& report)
{
    if (round != m_round)
        return; // the text has changed since
    m_report = report;
    m_problems = report.problems;
    m_editor->setProblems(m_problems);
    refreshButtons();
    emit problemsChanged();
}

void YamlTab::send(bool dryRun, const kube::ApiClient::Answer& answer)
{
    const auto json = manifestJson(text());
    if (!json) {
        answer(fail(json.error()));
        return;
    }
    kube::Request request;
    request.body = *json;
    if (m_item) {
        request.method = "PUT";
        request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    } else {
        const auto report = checkManifest(text());
        const auto* kind = findKind(report.kind);
        if (!kind || kind->groupVersion != report.groupVersion) {
            answer(fail(Reason::BadRequest, "this workbench has no page for the kind " + report.kind.toStdString() +
                                                " of " + report.groupVersion.toStdString()));
            return;
        }
        request.method = "POST";
        const auto space = report.nameSpace.isEmpty() ? m_cluster.client().access().nameSpace : report.nameSpace;
        request.path = kind->path(space);
    }
    request.query.addQueryItem(QStringLiteral("fieldManager"), QStringLiteral("keelson"));
    request.query.addQueryItem(QStringLiteral("fieldValidation"), QStringLiteral("Strict"));
    if (dryRun)
        request.query.addQueryItem(QStringLiteral("dryRun"), QStringLiteral("All"));
    m_cluster.client().send(request, this, answer);
}

void YamlTab::apply()
{
    m_banner->hide();
    send(true, [this](const Result<kube::Response>& answer) {
        if (!answer) {
            m_banner->showError(tr("The server refuses this"), answer.error());
            return;
        }
        m_isProven = true;
        m_diff->showDiff(diffLines(m_live, answer->document ? readableYaml(*answer->document) : text()));
        m_stack->setCurrentWidget(m_diff);
        refreshButtons();
    });
}

void YamlTab::confirmApply()
{
    send(false, [this](const Result<kube::Response>& answer) {
        m_isProven = false;
        if (!answer) {
            m_banner->showError(tr("It was not applied"), answer.error());
            backToText();
            return;
        }
        if (m_item && answer->document) {
            m_live = readableYaml(*answer->document);
            m_editor->setText(m_live);
        }
        backToText();
        emit applied(m_item ? tr("%1 applied").arg(m_item->name) : tr("%1 created").arg(m_report.name));
    });
}

void YamlTab::showDiff()
{
    m_diff->showDiff(diffLines(m_live, text()));
    m_stack->setCurrentWidget(m_diff);
    refreshButtons();
}

} // namespace keelson::ui
