# The image of web, worker and scheduler. Written and not run: the project was made on machines without a Docker engine.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH
WORKDIR /opt/deployconsole

COPY requirements/base.txt requirements/base.txt
RUN python -m venv /opt/venv && pip install --no-cache-dir --require-hashes -r requirements/base.txt

COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && SECRET_KEY=build DATABASE_URL=postgres:///build REDIS_URL=redis://build python manage.py collectstatic --no-input \
    && useradd --system --no-create-home console

USER console
EXPOSE 8000
CMD ["gunicorn", "deployconsole.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
