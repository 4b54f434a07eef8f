// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/welcome_page.h"

#include "kube/kubeconfig.h"
#include "widgets/banner.h"
#include "widgets/icons.h"
#include "widgets/meter.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace keelson::ui {

namespace {

QLabel* heading(const QString& text, double factor, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    auto font = label->font();
    font.setPointSizeF(font.pointSizeF() * factor);
    font.setBold(true);
    label->setFont(font);
    return label;
}

QLabel* explanation(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

} // namespace

WelcomePage::WelcomePage(QWidget* parent)
    : QWidget(parent),
      m_path(new QLineEdit(this)),
      m_contexts(new QComboBox(this)),
      m_open(new QPushButton(tr("Connect"), this)),
      m_banner(new Banner(this))
{
    auto* middle = new QWidget(this);
    middle->setMaximumWidth(860);
    auto* column = new QVBoxLayout(middle);
    column->setSpacing(16);
    column->addStretch(2);
    auto* mark = new QLabel(middle);
    mark->setPixmap(iconPixmap(QStringLiteral("keelson"), Theme::tokens().accent, 56, devicePixelRatioF()));
    column->addWidget(mark);
    column->addWidget(heading(tr("Keelson"), 2.4, middle));
    column->addWidget(explanation(
        tr("A workbench for Kubernetes clusters: see what runs, change it, and watch what happens."), middle));
    column->addWidget(m_banner);
    auto* cards = new QHBoxLayout;
    cards->setSpacing(16);
    cards->addWidget(localCard(), 1);
    cards->addWidget(openCard(), 1);
    column->addLayout(cards);
    auto* manifests =
        new QPushButton(icon(QStringLiteral("manifests")), tr("Write manifests without a cluster"), middle);
    connect(manifests, &QPushButton::clicked, this, &WelcomePage::manifestsRequested);
    auto* learn = new QPushButton(icon(QStringLiteral("play")), tr("Learn: from apply to Ready"), middle);
    learn->setToolTip(tr("On the chosen cluster, or on a new one on this machine"));
    connect(learn, &QPushButton::clicked, this,
            [this] { emit learnRequested(m_path->text(), m_contexts->currentText()); });
    auto* others = new QHBoxLayout;
    others->setSpacing(10);
    others->addWidget(manifests);
    others->addWidget(learn);
    others->addStretch(1);
    column->addLayout(others);
    column->addStretch(3);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(24, 24, 24, 24);
    row->addStretch(1);
    row->addWidget(middle, 8);
    row->addStretch(1);
    m_banner->setRetryVisible(true);
    connect(m_banner, &Banner::retry, this, [this] { emit contextChosen(m_path->text(), m_contexts->currentText()); });
    const auto usual = kube::Kubeconfig::defaultPath();
    if (QFileInfo::exists(usual))
        readContexts(usual);
}

QWidget* WelcomePage::localCard()
{
    auto* card = new Card(this);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(22, 20, 22, 20);
    column->setSpacing(10);
    column->addWidget(heading(tr("A cluster on this machine"), 1.2, card));
    column->addWidget(explanation(tr("A control plane and nodes of your own, with real containers, in a few seconds. "
                                     "Each step says what it does, and why when it cannot."),
                                  card));
    column->addStretch();
    auto* create =
        new QPushButton(icon(QStringLiteral("plus"), Theme::tokens().accentText), tr("Create local cluster"), card);
    create->setDefault(true);
    connect(create, &QPushButton::clicked, this, &WelcomePage::localClusterRequested);
    column->addWidget(create, 0, Qt::AlignLeft);
    return card;
}

QWidget* WelcomePage::openCard()
{
    auto* card = new Card(this);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(22, 20, 22, 20);
    column->setSpacing(10);
    column->addWidget(heading(tr("A cluster that exists"), 1.2, card));
    column->addWidget(explanation(tr("Any cluster that speaks the Kubernetes API, by its kubeconfig."), card));
    auto* file = new QHBoxLayout;
    m_path->setPlaceholderText(tr("Path of a kubeconfig"));
    m_path->setAccessibleName(tr("Kubeconfig"));
    auto* browse = new QToolButton(card);
    browse->setIcon(icon(QStringLiteral("folder")));
    browse->setToolTip(tr("Choose a file"));
    file->addWidget(m_path, 1);
    file->addWidget(browse);
    column->addLayout(file);
    m_contexts->setAccessibleName(tr("Context"));
    m_contexts->setPlaceholderText(tr("No context"));
    column->addWidget(m_contexts);
    column->addWidget(m_open, 0, Qt::AlignLeft);
    connect(browse, &QToolButton::clicked, this, &WelcomePage::choosePath);
    connect(m_path, &QLineEdit::editingFinished, this, [this] { readContexts(m_path->text()); });
    connect(m_open, &QPushButton::clicked, this,
            [this] { emit contextChosen(m_path->text(), m_contexts->currentText()); });
    return card;
}

void WelcomePage::choosePath()
{
    const auto path = QFileDialog::getOpenFileName(this, tr("Open a kubeconfig"), QFileInfo(m_path->text()).path());
    if (!path.isEmpty())
        readContexts(path);
}

void WelcomePage::readContexts(const QString& path)
{
    if (path.isEmpty())
        return;
    const auto config = kube::Kubeconfig::load(path);
    setKubeconfig(path, config ? config->contexts() : QStringList());
    if (!config) {
        showProblem(tr("This is not a kubeconfig"), config.error());
        return;
    }
    m_contexts->setCurrentText(config->currentContext());
    m_banner->hide();
}

void WelcomePage::setKubeconfig(const QString& path, const QStringList& contexts)
{
    m_path->setText(path);
    if (m_contexts->count() == 0 || contexts != QStringList{m_contexts->currentText()}) {
        const auto chosen = m_contexts->currentText();
        m_contexts->clear();
        m_contexts->addItems(contexts);
        if (contexts.contains(chosen))
            m_contexts->setCurrentText(chosen);
    }
}

void WelcomePage::showConnecting(const QString& context, const QString& server)
{
    m_banner->showMessage(StatusRole::Progress, tr("Connecting to %1…").arg(context), server);
}

void WelcomePage::showProblem(const QString& what, const Error& error)
{
    m_banner->showError(what, error);
}

} // namespace keelson::ui
