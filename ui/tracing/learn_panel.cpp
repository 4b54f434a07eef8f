// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/learn_panel.h"

#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {
namespace {

constexpr int panelWidth = 372;
constexpr int side = 18; ///< Room left and right.
constexpr int rowHeight = 26;
constexpr auto patience = std::chrono::seconds{20};

QLabel* paragraph(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    label->setMinimumWidth(40); // long names break
    return label;
}

QLabel* bold(QLabel* label, double factor)
{
    auto font = label->font();
    font.setPointSizeF(font.pointSizeF() * factor);
    font.setBold(true);
    label->setFont(font);
    return label;
}

QString wordOf(StatusRole role)
{
    switch (role) {
    case StatusRole::Done:
        return LearnPanel::tr("done");
    case StatusRole::Progress:
        return LearnPanel::tr("happening now");
    case StatusRole::Waiting:
        return LearnPanel::tr("waits");
    case StatusRole::Error:
        return LearnPanel::tr("goes wrong");
    default:
        return LearnPanel::tr("not yet");
    }
}

} // namespace

LearnPanel::LearnPanel(std::unique_ptr<Lesson> lesson, const QString& cluster, QWidget* parent)
    : QWidget(parent), m_lesson(std::move(lesson)), m_cluster(cluster), m_banner(new Banner(this))
{
    setFixedWidth(panelWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHeader());
    auto* bannerBox = new QVBoxLayout;
    bannerBox->setContentsMargins(10, 0, 10, 6);
    bannerBox->addWidget(m_banner);
    column->addLayout(bannerBox);
    m_scroll = new QScrollArea(this);
    m_scroll->setWidget(buildBody());
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_scroll->widget()->setAutoFillBackground(false);
    column->addWidget(m_scroll, 1);
    column->addWidget(buildButtons());
    m_banner->setRetryVisible(false);
    connect(m_banner, &Banner::retry, this,
            [this] { m_lesson->phase() == Lesson::Phase::Cleaning ? m_lesson->cleanUp() : m_lesson->prepare(); });
    connect(m_lesson.get(), &Lesson::changed, this, &LearnPanel::refresh);
    connect(m_list, &QListWidget::currentRowChanged, this, &LearnPanel::setChapter);
    connect(m_main, &QPushButton::clicked, this, &LearnPanel::goOn);
    connect(m_back, &QPushButton::clicked, this, &LearnPanel::goBack);
    connect(m_images, &QComboBox::editTextChanged, this, &LearnPanel::refreshButtons);
    connect(m_clean, &QPushButton::clicked, m_lesson.get(), &Lesson::cleanUp);
    connect(m_retry, &QPushButton::clicked, this, [this] { m_lesson->begin(m_images->currentText().trimmed()); });
    m_list->setCurrentRow(0);
    refresh();
}

QWidget* LearnPanel::buildHeader()
{
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(side, 14, 8, 8);
    row->addWidget(bold(new QLabel(tr("From apply to Ready"), header), 1.25), 1);
    auto* close = new QToolButton(header);
    close->setIcon(icon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Hide the lesson"));
    close->setAccessibleName(tr("Hide the lesson"));
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &LearnPanel::closed);
    return header;
}

QWidget* LearnPanel::buildImage()
{
    auto* row = new QWidget(this);
    auto* column = new QVBoxLayout(row);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    auto* label = new QLabel(tr("&Image"), row);
    m_images = new QComboBox(row);
    m_images->setEditable(true);
    m_images->setInsertPolicy(QComboBox::NoInsert);
    m_images->setToolTip(tr("Any busybox will do: the lesson runs its shell and its web server"));
    label->setBuddy(m_images);
    m_retry = new QPushButton(icon(QStringLiteral("refresh")), tr("Try again with this image"), row);
    column->addWidget(label);
    column->addWidget(m_images);
    column->addWidget(m_retry, 0, Qt::AlignLeft);
    return row;
}

QWidget* LearnPanel::buildBody()
{
    auto* body = new QWidget(this);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(side, 0, side, 8);
    column->setSpacing(8);
    m_introduction = paragraph(body);
    m_list = new QListWidget(body);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setUniformItemSizes(true);
    m_list->setAccessibleName(tr("Steps"));
    for (int i = 0; i < chapters().size(); ++i) {
        auto* item = new QListWidgetItem(
            QStringLiteral("%1   %2").arg(i + 1, 2, 10, QChar(0x2007)).arg(chapters()[i].title), m_list);
        item->setSizeHint({0, rowHeight});
    }
    m_list->setFixedHeight(rowHeight * static_cast<int>(chapters().size()) + 2);
    m_title = bold(paragraph(body), 1.1);
    m_meaning = paragraph(body);
    m_heading = bold(new QLabel(tr("What happened here"), body), 0.95);
    m_facts = paragraph(body);
    m_advice = paragraph(body);
    m_elsewhere = paragraph(body);
    m_elsewhere->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_introduction, m_list, m_elsewhere, m_title, m_meaning,
                                                           m_heading, m_facts, m_advice})
        column->addWidget(widget);
    m_imageRow = buildImage();
    column->addWidget(m_imageRow);
    column->addStretch(1);
    return body;
}

QWidget* LearnPanel::buildButtons()
{
    auto* buttons = new QWidget(this);
    auto* column = new QVBoxLayout(buttons);
    column->setContentsMargins(side, 10, side, 14);
    column->setSpacing(8);
    m_back = new QPushButton(buttons);
    m_main = new QPushButton(buttons);
    m_main->setDefault(true);
    m_clean = new QPushButton(icon(QStringLiteral("delete")), tr("End and clean up"), buttons);
    auto* row = new QHBoxLayout;
    row->addWidget(m_clean);
    row->addStretch(1);
    row->addWidget(m_back);
    row->addWidget(m_main);
    column->addLayout(row);
    return buttons;
}

bool LearnPanel::isLast() const
{
    return m_chapter + 1 == chapters().size();
}

bool LearnPanel::wantsImage() const
{
    if (m_lesson->phase() != Lesson::Phase::Running)
        return m_lesson->phase() == Lesson::Phase::Asking;
    const auto& lanesHere = chapters()[m_chapter].lanes;
    const bool isOfImage = lanesHere.contains(laneOf("image")) || lanesHere.contains(laneOf("container"));
    return isOfImage && m_lesson->views()[static_cast<std::size_t>(m_chapter)].role == StatusRole::Error;
}

void LearnPanel::setChapter(int chapter)
{
    chapter = std::clamp(chapter, 0, static_cast<int>(chapters().size()) - 1);
    if (chapter == m_chapter)
        return;
    m_chapter = chapter;
    m_list->setCurrentRow(chapter);
    refresh();
    m_scroll->ensureWidgetVisible(m_facts, 0, 0); // in a small window the list scrolls away
    m_scroll->ensureWidgetVisible(m_title, 0, 0);
    emit chapterChanged(chapter);
}

void LearnPanel::goOn()
{
    switch (m_lesson->phase()) {
    case Lesson::Phase::Asking:
        return m_lesson->begin(m_images->currentText().trimmed());
    case Lesson::Phase::Running:
        return isLast() ? m_lesson->cleanUp() : setChapter(m_chapter + 1);
    case Lesson::Phase::Cleaned:
        setChapter(0);
        return m_lesson->prepare();
    default:
        return;
    }
}

void LearnPanel::goBack()
{
    if (m_lesson->phase() == Lesson::Phase::Running)
        setChapter(m_chapter - 1);
    else
        emit closed();
}

void LearnPanel::refresh()
{
    const bool isRunning = m_lesson->phase() == Lesson::Phase::Running;
    m_introduction->setVisible(!isRunning);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_list, m_title, m_meaning, m_heading, m_facts})
        widget->setVisible(isRunning);
    if (m_offered != m_lesson->images()) {
        m_offered = m_lesson->images();
        m_images->clear();
        m_images->addItems(m_offered);
        m_images->setCurrentText(m_lesson->image());
    }
    m_imageRow->setVisible(wantsImage());
    m_retry->setVisible(isRunning);
    isRunning ? refreshChapters() : refreshIntroduction();
    refreshButtons();
    refreshProblem();
}

void LearnPanel::refreshIntroduction()
{
    m_advice->hide();
    m_elsewhere->hide();
    const auto& nameSpace = m_lesson->nameSpace();
    switch (m_lesson->phase()) {
    case Lesson::Phase::Preparing:
        m_introduction->setText(
            tr("Looking for a namespace that is free. When an earlier lesson is still being deleted, this takes a "
               "moment."));
        break;
    case Lesson::Phase::Asking:
        m_introduction->setText(
            tr("Make something real on the cluster %1 and watch each step, from your request until it answers: who "
               "asks "
               "and whether they may, what is filled in, who makes the pods, which node gets them, and how they are "
               "found.\n\n"
               "Made is, in a namespace of its own, %2:\n"
               "  •  a Deployment of two small web servers\n"
               "  •  a Service in front of them\n\n"
               "They ask for 16 MiB of memory together. Nothing else is touched, and all of it is deleted in the end.")
                .arg(m_cluster, nameSpace));
        if (m_lesson->hasMade())
            m_introduction->setText(tr("The namespace %1 of a lesson is still there. Go on: its Deployment is made "
                                       "anew. Or clean up, and nothing is left of it.")
                                        .arg(nameSpace));
        break;
    case Lesson::Phase::Making:
        m_introduction->setText(tr("Making the objects in %1…").arg(nameSpace));
        break;
    case Lesson::Phase::Cleaning:
        m_introduction->setText(tr("Deleting the namespace %1. What is in it goes first: the Service, the Deployment, "
                                   "its ReplicaSet, and the pods, whose containers the nodes stop.")
                                    .arg(nameSpace));
        break;
    default:
        m_introduction->setText(tr("All of it is gone, and the cluster is as it was before.\n\n"
                                   "Every object has a trace: press T on any row. Explain, above, says the same of it "
                                   "as this lesson did."));
    }
}

void LearnPanel::refreshChapters()
{
    const auto& views = m_lesson->views();
    int news = -1; // the chapter that wants to be looked at
    for (int i = 0; i < m_list->count(); ++i) {
        auto* item = m_list->item(i);
        const auto role = views[static_cast<std::size_t>(i)].role;
        item->setIcon(icon(Theme::statusIcon(role), Theme::status(role)));
        item->setToolTip(wordOf(role));
        item->setData(Qt::AccessibleTextRole, QStringLiteral("%1: %2").arg(item->text(), wordOf(role)));
        if (news < 0 && (role == StatusRole::Error || role == StatusRole::Waiting || role == StatusRole::Progress))
            news = i;
    }
    const auto& view = views[static_cast<std::size_t>(m_chapter)];
    m_title->setText(
        tr("Step %1 of %2: %3").arg(m_chapter + 1).arg(chapters().size()).arg(chapters()[m_chapter].title));
    m_meaning->setText(meaningOf(chapters()[m_chapter]));
    m_facts->setText(breakable(view.facts.isEmpty() ? tr("Nothing yet: it comes after the steps before it.")
                                                    : view.facts.join(QStringLiteral("\n\n"))));
    m_advice->setText(view.advice);
    m_advice->setVisible(!view.advice.isEmpty());
    QStringList notes;
    if (news >= 0 && news != m_chapter)
        notes << tr("Step %1, “%2”: %3.")
                     .arg(news + 1)
                     .arg(chapters()[news].title, wordOf(views[static_cast<std::size_t>(news)].role));
    if (const auto still = m_lesson->standstill(); still > patience)
        notes << tr("Nothing new for %1 s.").arg(std::chrono::duration_cast<std::chrono::seconds>(still).count());
    m_elsewhere->setText(notes.join(QLatin1Char(' ')));
    m_elsewhere->setVisible(!notes.isEmpty());
}

void LearnPanel::refreshButtons()
{
    const auto phase = m_lesson->phase();
    const bool isRunning = phase == Lesson::Phase::Running;
    const bool isWaiting =
        phase == Lesson::Phase::Preparing || phase == Lesson::Phase::Making || phase == Lesson::Phase::Cleaning;
    m_main->setText(isRunning                         ? (isLast() ? tr("Clean up") : tr("Next"))
                    : phase == Lesson::Phase::Cleaned ? tr("Once more")
                                                      : tr("Make it"));
    m_main->setVisible(!isWaiting);
    m_main->setEnabled(phase != Lesson::Phase::Asking || !m_images->currentText().trimmed().isEmpty());
    m_back->setText(isRunning ? tr("Back") : phase == Lesson::Phase::Cleaned ? tr("Close") : tr("Not now"));
    m_back->setVisible(isRunning || phase == Lesson::Phase::Asking || phase == Lesson::Phase::Cleaned);
    m_back->setEnabled(!isRunning || m_chapter > 0);
    m_clean->setVisible(m_lesson->hasMade() && !isWaiting && !(isRunning && isLast()));
}

void LearnPanel::refreshProblem()
{
    const auto& problem = m_lesson->problem();
    if (!problem) {
        m_banner->hide();
        return;
    }
    auto error = problem->error;
    if (!problem->advice.isEmpty())
        error.message += "\n" + problem->advice.toStdString();
    m_banner->showError(problem->title, error);
    const auto phase = m_lesson->phase();
    m_banner->setRetryVisible(phase == Lesson::Phase::Preparing || phase == Lesson::Phase::Cleaning);
}

QString LearnPanel::text() const
{
    QStringList said;
    if (!m_banner->isHidden())
        said << m_banner->text();
    for (const auto* label : {m_introduction, m_title, m_meaning, m_facts, m_advice, m_elsewhere})
        if (!label->isHidden())
            said << unbroken(label->text());
    return said.join(QLatin1Char('\n'));
}

void LearnPanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), Theme::tokens().surface);
    painter.setPen(Theme::tokens().border);
    painter.drawLine(rect().topLeft(), rect().bottomLeft());
}

} // namespace keelson::ui
